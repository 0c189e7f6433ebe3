// SPDX-License-Identifier: Apache-2.0
// A run of microbench on a GPU: rows of the plan until the budget is spent, then power, each into its CSV.
#pragma once

#include "microbench/options.hpp"

namespace hopsim::microbench {

/// The exit code: 0 done, 1 some rows failed. Throws std::runtime_error where there is no GPU.
[[nodiscard]] int run_session(const Options& options);

}  // namespace hopsim::microbench
