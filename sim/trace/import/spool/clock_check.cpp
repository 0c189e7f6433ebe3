// SPDX-License-Identifier: Apache-2.0
#include "trace/import/spool/clock_check.hpp"

#include <algorithm>
#include <cmath>

namespace hopsim::trace::spool_import {

namespace {
constexpr double kFastestSlew = 500e-6;
}

ClockMoves clock_moves(std::span<const spool::Clock> rows) {
  ClockMoves out;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    // In doubles: damaged times may lie anywhere; 2^62 ns are exact to 1 us there.
    const auto since = [&](std::int64_t spool::Clock::*clock) {
      return static_cast<double>(rows[i].*clock) - static_cast<double>(rows[i - 1].*clock);
    };
    const double raw = since(&spool::Clock::monotonic_raw_ns);
    const double moved = std::abs(since(&spool::Clock::realtime_ns) - raw);
    if (moved <= static_cast<double>(kLargestClockMoveNs)) {
      continue;
    }
    const bool slew = moved <= kFastestSlew * raw;
    out.slews += slew ? 1 : 0;
    out.steps += slew ? 0 : 1;
    out.largest_ns = std::max(out.largest_ns, static_cast<std::int64_t>(std::min(moved, 1e18)));
  }
  return out;
}

}  // namespace hopsim::trace::spool_import
