// SPDX-License-Identifier: Apache-2.0
// The command line of microbench.
#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace hopsim::microbench {

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  std::string out = ".";
  double budget_s = 1e9;
  double window_s = 5;          ///< of one power measurement
  std::set<std::string> parts;  ///< of gemm gemv small launch power
  bool list = false, help = false;
};

[[nodiscard]] const char* usage();

/// Throws UsageError, saying what is allowed.
[[nodiscard]] Options parse_options(const std::vector<std::string>& arguments);

}  // namespace hopsim::microbench
