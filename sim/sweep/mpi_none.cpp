// SPDX-License-Identifier: Apache-2.0
// In place of mpi_pool.cpp in a build without MPI.
#include <cstdlib>

#include "base/errors.hpp"
#include "sweep/mpi_pool.hpp"

namespace hopsim::sweep {

std::unique_ptr<MpiPool> MpiPool::join() {
  const char* ranks = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (ranks != nullptr && std::string(ranks) != "1") {
    throw InputError(Location{}, "this hopsim was built without MPI",
                     "install libopenmpi-dev and configure with -DHOPSIM_MPI=ON");
  }
  return nullptr;
}

}  // namespace hopsim::sweep
