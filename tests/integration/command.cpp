// SPDX-License-Identifier: Apache-2.0
#include "integration/command.hpp"

namespace hopsim::test {

Outcome hopsim(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {HOPSIM_COMMAND};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(std::move(command));
}

}  // namespace hopsim::test
