// SPDX-License-Identifier: Apache-2.0
#include "integration/command.hpp"

namespace hopsim::test {

namespace {

std::vector<std::string> with_command(std::vector<std::string> all,
                                      const std::vector<std::string>& arguments) {
  all.emplace_back(HOPSIM_COMMAND);
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

}  // namespace

Outcome hopsim(const std::vector<std::string>& arguments) { return run_program(with_command({}, arguments)); }

Outcome hopsim_killed_after(int cpu_us, const std::vector<std::string>& arguments) {
  return run_program(with_command({}, arguments), {}, cpu_us);
}

Outcome mpirun(int ranks, const std::vector<std::string>& arguments) {
  return run_program(
      with_command({"mpirun", "--oversubscribe", "-q", "-n", std::to_string(ranks)}, arguments),
      {{"OMPI_ALLOW_RUN_AS_ROOT", "1"}, {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"}});
}

bool has_mpirun() { return run_program({"mpirun", "--version"}).status == 0; }

}  // namespace hopsim::test
