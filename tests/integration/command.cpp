// SPDX-License-Identifier: Apache-2.0
#include "integration/command.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/files.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::test {

Outcome hopsim(const std::vector<std::string>& arguments) {
  const TempDir dir;
  const std::string out = dir / "out";
  const std::string err = dir / "err";
  std::vector<std::string> all = {HOPSIM_COMMAND};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : all) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::read_text_file(out), io::read_text_file(err)};
}

}  // namespace hopsim::test
