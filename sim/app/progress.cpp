// SPDX-License-Identifier: Apache-2.0
#include "app/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace hopsim::app {

namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 2s;
constexpr auto kRedraw = 100ms;
constexpr std::size_t kWidth = 30;

}  // namespace

Progress::Progress(std::string label, bool quiet)
    : label_(std::move(label)),
      active_(!quiet && isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (drawn_) {
    std::fputs("\r\033[K", stderr);
  }
}

void Progress::update(std::size_t done, std::size_t total) {
  const auto now = Clock::now();
  if (!active_ || total == 0 || now - start_ < kPatience || now - last_ < kRedraw) {
    return;
  }
  last_ = now;
  drawn_ = true;
  const std::size_t filled = kWidth * done / total;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double left = done > 0 ? elapsed * static_cast<double>(total - done) / static_cast<double>(done) : 0;
  fmt::print(stderr, "\r{} [{:#<{}}{:.<{}}] {:3} %  {:.3g}/s  {:.0f} s left ", label_, "", filled, "",
             kWidth - filled, 100 * done / total, static_cast<double>(done) / elapsed, left);
  std::fflush(stderr);
}

}  // namespace hopsim::app
