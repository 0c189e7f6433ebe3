// SPDX-License-Identifier: Apache-2.0
// Whether the host's real-time clock, which CUPTI's times are in, was moved during a capture. It is held
// against the raw monotonic clock, which nobody adjusts. A slew runs at no more than 500 ppm (Linux's limit),
// anything faster is a step: differences of times across it are wrong.
#pragma once

#include <span>

#include "trace/import/spool/spool_format.hpp"

namespace hopsim::trace::spool_import {

inline constexpr std::int64_t kLargestClockMoveNs = 100'000;

struct ClockMoves {
  std::int64_t slews = 0, steps = 0;  // between neighbouring rows, each above 100 us
  std::int64_t largest_ns = 0;
};

[[nodiscard]] ClockMoves clock_moves(std::span<const spool::Clock> rows);

}  // namespace hopsim::trace::spool_import
