// SPDX-License-Identifier: Apache-2.0
#include "integration/command.hpp"

#include <fcntl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "io/files.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::test {

namespace {

// Runs the program of the first argument; `cpu_us` > 0 ends it after so much processor time.
Outcome run(std::vector<std::string> all, int cpu_us) {
  const TempDir dir;
  const std::string out = dir / "out";
  const std::string err = dir / "err";
  std::vector<char*> argv;
  for (std::string& argument : all) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    const itimerval limit{{0, 0}, {cpu_us / 1000000, cpu_us % 1000000}};
    setitimer(ITIMER_PROF, &limit, nullptr);  // outlives the exec; 0 sets none
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::read_text_file(out), io::read_text_file(err)};
}

auto with_command(std::vector<std::string> all, const std::vector<std::string>& arguments)
    -> std::vector<std::string> {
  all.emplace_back(HOPSIM_COMMAND);
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

}  // namespace

Outcome hopsim(const std::vector<std::string>& arguments) { return run(with_command({}, arguments), 0); }

Outcome hopsim_killed_after(int cpu_us, const std::vector<std::string>& arguments) {
  return run(with_command({}, arguments), cpu_us);
}

Outcome mpirun(int ranks, const std::vector<std::string>& arguments) {
  setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  return run(with_command({"mpirun", "--oversubscribe", "-q", "-n", std::to_string(ranks)}, arguments), 0);
}

bool has_mpirun() { return run({"mpirun", "--version"}, 0).status == 0; }

}  // namespace hopsim::test
