// SPDX-License-Identifier: Apache-2.0
// A progress bar on stderr: only on a terminal, only when the work lasts longer than two seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace hopsim::app {

class Progress {
 public:
  explicit Progress(std::string label, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t done, std::size_t total);

 private:
  using Clock = std::chrono::steady_clock;
  std::string label_;
  bool active_;
  bool drawn_ = false;
  Clock::time_point start_, last_;
};

}  // namespace hopsim::app
