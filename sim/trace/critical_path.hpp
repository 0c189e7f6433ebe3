// SPDX-License-Identifier: Apache-2.0
// Which chain of causes made a capture as long as it is. Walks back from the last device operation: an
// operation waited either for the one before it in its stream (that ended after its call returned) or for its
// call; a call waited for its thread, and a thread inside a synchronising call for the device operation whose
// end released it. The parts add up to the time from the first cause to the last end. Waits between streams
// are not followed: they count as device gaps.
#pragma once

#include <cstdint>
#include <vector>

#include "trace/records.hpp"

namespace hopsim::trace {

struct CriticalPath {
  double kernels_s = 0;     // kernels and memory operations on the path
  double device_gap_s = 0;  // between two operations of a stream, the later one being queued already
  double launch_s = 0;      // from the start of a call to the start of what it launched
  double host_s = 0;        // a host thread at work
  std::int64_t operations = 0;
};

/// Cost: n log n.
[[nodiscard]] CriticalPath critical_path(const Trace& trace);

}  // namespace hopsim::trace
