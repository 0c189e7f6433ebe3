// SPDX-License-Identifier: Apache-2.0
#include "collect/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace hopsim::collect {

namespace {

// In the child: never returns. What goes wrong is told through `report`, which a successful exec closes.
[[noreturn]] void become(std::vector<char*>& argv, const Environment& added, bool quiet, const sigset_t& mask,
                         int report) {
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  for (const auto& [name, value] : added) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  if (quiet) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
  }
  execvp(argv[0], argv.data());
  const int error = errno;
  _exit(write(report, &error, sizeof(error)) == sizeof(error) ? 127 : 126);
}

int wait_for(pid_t child, const sigset_t& signals) {
  for (;;) {
    siginfo_t info{};
    const int signal = sigwaitinfo(&signals, &info);
    if (signal == SIGTERM || (signal == SIGINT && info.si_code != SI_KERNEL)) {
      kill(child, signal);
    }
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
}

}  // namespace

ProgramRun run_program(const std::vector<std::string>& arguments, const Environment& added, bool quiet) {
  ProgramRun out;
  std::vector<std::string> copy = arguments;
  std::vector<char*> argv;
  for (std::string& argument : copy) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) {
    out.error = std::strerror(errno);
    return out;
  }
  sigset_t signals{}, before{};
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) {
    sigaddset(&signals, signal);
  }
  sigprocmask(SIG_BLOCK, &signals, &before);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    become(argv, added, quiet, before, report[1]);
  }
  close(report[1]);
  int error = child < 0 ? errno : 0;
  if (child > 0) {
    if (read(report[0], &error, sizeof(error)) != sizeof(error)) {
      error = 0;
    }
    out.status = wait_for(child, signals);
    out.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  close(report[0]);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  out.error = error != 0 ? std::strerror(error) : "";
  return out;
}

}  // namespace hopsim::collect
