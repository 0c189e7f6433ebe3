// SPDX-License-Identifier: Apache-2.0
#include "integration/command.hpp"

#include <map>

namespace hopsim::test {

namespace {

const std::map<std::string, std::string> kAsRoot = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                                                    {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"}};

constexpr const char* kLongest_s = "300";  // mpirun ends a job by itself then

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
      with_command({"mpirun", "--oversubscribe", "-q", "--timeout", kLongest_s, "-n", std::to_string(ranks)},
                   arguments),
      kAsRoot);
}

Outcome mpirun_killed_after(int rank, int cpu_us, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"mpirun", "--oversubscribe", "-q", "--timeout", kLongest_s};
  for (const int one : {0, 1}) {
    if (one > 0) {
      command.emplace_back(":");
    }
    command.insert(command.end(), {"-n", "1"});
    if (one == rank) {
      command.insert(command.end(), {HOPSIM_KILLED_AFTER, std::to_string(cpu_us)});
    }
    command = with_command(std::move(command), arguments);
  }
  return run_program(std::move(command), kAsRoot);
}

bool has_mpirun() { return run_program({"mpirun", "--version"}).status == 0; }

}  // namespace hopsim::test
