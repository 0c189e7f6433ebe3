// SPDX-License-Identifier: Apache-2.0
// Runs a program with variables added to its environment and waits for it. SIGTERM, and a SIGINT that was
// sent to us alone, are passed on; a Ctrl-C reaches the program from the terminal by itself.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hopsim::collect {

struct ProgramRun {
  int status = 0;     // exit status; 128 + signal where one ended it, as shells say
  double wall_s = 0;  // from fork to end
  std::string error;  // it could not be started
};

using Environment = std::vector<std::pair<std::string, std::string>>;

/// `quiet`: its stdout goes nowhere.
[[nodiscard]] ProgramRun run_program(const std::vector<std::string>& arguments, const Environment& added,
                                     bool quiet = false);

}  // namespace hopsim::collect
