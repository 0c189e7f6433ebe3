// SPDX-License-Identifier: Apache-2.0
// Runs a program to its end, without a shell in between.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace hopsim::test {

struct Outcome {
  int status = -1;  // exit status, or -1 when it died of a signal
  std::string out, err;
};

/// Runs a program (looked for in PATH) with its arguments; the variables are set on top of this process's
/// environment, and an empty value unsets one. `cpu_us` > 0 kills it after so much processor time.
[[nodiscard]] Outcome run_program(std::vector<std::string> command,
                                  const std::map<std::string, std::string>& variables = {}, int cpu_us = 0);

}  // namespace hopsim::test
