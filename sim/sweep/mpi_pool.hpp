// SPDX-License-Identifier: Apache-2.0
// The ranks of an MPI job as a pool. Rank 0 hands out, takes and works; every rank runs the same program and
// calls run() for the same phases. MPI is initialised only in a process that mpirun (or srun with PMIx)
// started. A rank that is lost ends the whole job: mpirun sees to that.
#pragma once

#include <exception>
#include <memory>

#include "sweep/pool.hpp"

namespace hopsim::sweep {

class MpiPool : public Pool {
 public:
  /// Nothing where this process is no rank of a job. Throws InputError where it is one and hopsim was built
  /// without MPI.
  [[nodiscard]] static std::unique_ptr<MpiPool> join();

  /// After a failure: rank 0 ends the job with this exit status, another rank tells rank 0 why and waits
  /// for its end.
  virtual void give_up(const std::exception& failure, int status) noexcept = 0;
};

}  // namespace hopsim::sweep
