// SPDX-License-Identifier: Apache-2.0
#include "collect/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string_view>

namespace hopsim::collect {

namespace {

// Our environment with some variables set, as execvpe takes it. Made before the fork: in the child of a
// process with threads only few functions are safe.
std::vector<std::string> merged(const Environment& added) {
  std::vector<std::string> out;
  for (const auto& [name, value] : added) {
    out.push_back(name + "=" + value);
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const bool replaced = std::any_of(added.begin(), added.end(), [&](const auto& a) {
      return text.starts_with(a.first) && text.substr(a.first.size()).starts_with('=');
    });
    if (!replaced) {
      out.emplace_back(text);
    }
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

// In the child: never returns. What goes wrong is told through `report`, which a successful exec closes.
[[noreturn]] void become(char* const* argv, char* const* environment, bool quiet, const sigset_t& mask,
                         int report) {
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  if (quiet) {
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
  }
  execvpe(argv[0], argv, environment);
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
  std::vector<std::string> words = arguments, variables = merged(added);
  const std::vector<char*> argv = pointers(words), environment = pointers(variables);
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
    become(argv.data(), environment.data(), quiet, before, report[1]);
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
