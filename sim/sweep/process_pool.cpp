// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "base/errors.hpp"
#include "sweep/coordinator.hpp"

namespace hopsim::sweep {

namespace {

[[noreturn]] void lost() { throw InternalError("a worker process died"); }

void write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::send(fd, data, size, MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) {
      lost();
    }
    data += std::max<ssize_t>(n, 0);
    size -= static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  }
}

void read_all(int fd, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::read(fd, data, size);
    if (n == 0 || (n < 0 && errno != EINTR)) {
      lost();
    }
    data += std::max<ssize_t>(n, 0);
    size -= static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  }
}

// A message is its length and its bytes.
void write_message(int fd, const std::string& message) {
  const std::uint64_t size = message.size();
  write_all(fd, reinterpret_cast<const char*>(&size), sizeof size);
  write_all(fd, message.data(), message.size());
}

auto read_message(int fd) -> std::string {
  std::uint64_t size = 0;
  read_all(fd, reinterpret_cast<char*>(&size), sizeof size);
  std::string out(size, '\0');
  read_all(fd, out.data(), out.size());
  return out;
}

class SocketLink final : public Link {
 public:
  explicit SocketLink(int fd) : fd_(fd) {}
  void send(const std::string& message) override { write_message(fd_, message); }
  [[nodiscard]] std::string receive() override { return read_message(fd_); }

 private:
  int fd_;
};

// Forks the children and ends them with itself, those that still work included.
class Children final : public Hub {
 public:
  Children(int count, const MakeWork& make_work) {
    std::fflush(nullptr);
    for (int i = 0; i < count; ++i) {
      std::array<int, 2> ends{};
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw InternalError(std::string("no socket: ") + std::strerror(errno));
      }
      const pid_t pid = fork();
      if (pid == 0) {
        close(ends[0]);
        run_child(ends[1], make_work);
      }
      close(ends[1]);
      fds_.push_back({ends[0], POLLIN, 0});
      if (pid < 0) {
        throw InternalError(std::string("no child process: ") + std::strerror(errno));
      }
      pids_.push_back(pid);
    }
  }
  ~Children() override {
    for (const pollfd& one : fds_) {
      close(one.fd);
    }
    for (const pid_t pid : pids_) {
      kill(pid, SIGKILL);
      while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  [[nodiscard]] int peers() const override { return static_cast<int>(pids_.size()); }
  void send(int peer, const std::string& message) override {
    write_message(fds_[static_cast<std::size_t>(peer)].fd, message);
  }
  [[nodiscard]] std::optional<Received> receive(bool wait) override {
    while (poll(fds_.data(), fds_.size(), wait ? -1 : 0) < 0) {
      HOPSIM_CHECK(errno == EINTR, "poll failed");
    }
    for (std::size_t i = 0; i < fds_.size(); ++i) {
      if (fds_[i].revents != 0) {
        return Received{static_cast<int>(i), read_message(fds_[i].fd)};
      }
    }
    return std::nullopt;
  }

 private:
  [[noreturn]] static void run_child(int fd, const MakeWork& make_work) {
    try {
      SocketLink link(fd);
      try {
        serve(link, make_work);
      } catch (const std::exception& e) {
        report_failure(link, e);
        for (;;) {  // until the parent has read it: a unit sent to a process that is gone would be an error
          static_cast<void>(link.receive());
        }
      }
    } catch (const std::exception&) {
      _exit(1);  // the parent is gone
    }
    _exit(0);  // no destructors: the parent owns what was inherited
  }

  std::vector<pollfd> fds_;
  std::vector<pid_t> pids_;
};

}  // namespace

void ProcessPool::run(const std::vector<std::size_t>& units, const MakeWork& make_work, const Take& take) {
  Children children(std::min(processes_, static_cast<int>(units.size())), make_work);
  coordinate(children, units, nullptr, take);
}

}  // namespace hopsim::sweep
