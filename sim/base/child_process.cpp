// SPDX-License-Identifier: Apache-2.0
#include "base/child_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/errors.hpp"

namespace hopsim {

namespace {

constexpr char kOk = 'k';
constexpr char kFailed = 'f';

void write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) {
      _exit(1);
    }
    done += n > 0 ? static_cast<std::size_t>(n) : 0;
  }
}

[[noreturn]] void child(int fd, const std::function<std::string()>& work) {
  std::string out;
  try {
    out = kOk + work();
  } catch (const std::exception& e) {
    out = kFailed + std::string(e.what());
  }
  write_all(fd, out);
  _exit(0);  // no destructors: the parent owns what was inherited
}

auto read_all(int fd) -> std::string {
  std::string out;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n == 0) {
      return out;
    }
    if (n > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      throw InternalError(std::string("reading from a child process failed: ") + std::strerror(errno));
    }
  }
}

}  // namespace

std::string run_in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    throw InternalError(std::string("no pipe: ") + std::strerror(errno));
  }
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    throw InternalError(std::string("no child process: ") + std::strerror(errno));
  }
  if (pid == 0) {
    close(ends[0]);
    child(ends[1], work);
  }
  close(ends[1]);
  const std::string out = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  HOPSIM_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0 && !out.empty(), "a simulation process died");
  HOPSIM_CHECK(out.front() == kOk, out.c_str() + 1);
  return out.substr(1);
}

}  // namespace hopsim
