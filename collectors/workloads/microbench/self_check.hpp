// SPDX-License-Identifier: Apache-2.0
// Runs every kernel of ours and one product of each precision on small random operands and compares with
// reference.hpp, so that a wrong kernel is never timed.
#pragma once

#include <cuda_runtime.h>

#include <string>
#include <vector>

namespace hopsim::microbench {

struct Finding {
  std::string kernel;  ///< as in the plan
  double error = 0;    ///< largest, relative to the largest value
  bool ok = false, unsupported = false;
  std::string note;
};

[[nodiscard]] std::vector<Finding> self_check(cudaStream_t stream);

}  // namespace hopsim::microbench
