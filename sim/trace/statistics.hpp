// SPDX-License-Identifier: Apache-2.0
// What a trace holds, in numbers. Definitions, all over the span from the first to the last call, kernel or
// memory operation:
//   busy        a device runs a kernel or a memory operation (mean over the devices that have work)
//   queued      work was launched (its call has returned) and has not started
//   host-bound  the device is not busy and nothing is queued for it: it waits for the host
//   gap         time between the end of the last operation of a stream and the start of the next
// Cost: sorting, so n log n in the number of records.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trace/records.hpp"

namespace hopsim::trace {

/// Median, ninth decile and extremes of a set of times.
struct Distribution {
  std::int64_t n = 0;
  double total_us = 0, median_us = 0, p90_us = 0, min_us = 0, max_us = 0;
};
[[nodiscard]] Distribution distribution(std::vector<std::int64_t> times_ns);

struct KernelSummary {
  std::string name;
  KernelClass cls = KernelClass::kOther;
  Distribution time;
  double gap_s = 0;  // idle time of its stream right before it
};

struct ClassSummary {
  KernelClass cls = KernelClass::kOther;
  std::int64_t n = 0;
  double time_s = 0, gap_s = 0;
};

struct ApiSummary {
  std::string name;
  Distribution time;
  std::int64_t launches = 0;  // calls that put work on a device
};

struct StreamSummary {
  std::int64_t device = 0, stream = 0, n = 0;
  double busy_s = 0;
};

struct Statistics {
  double span_s = 0, busy_s = 0, idle_s = 0, kernel_s = 0;
  double host_bound_fraction = 0;
  double other_share = 0;        // of kernel time
  double cor_kernel = 0;         // time of casting kernels over that of all others
  double casting_overlap_s = 0;  // casting kernels running beside other work of their device
  std::int64_t devices = 0;
  std::vector<ClassSummary> classes;   // by time, memory operations included
  std::vector<KernelSummary> kernels;  // by time
  std::vector<ApiSummary> calls;       // by time
  std::vector<StreamSummary> streams;  // by device and number
  Distribution launch_to_start;        // start of the call to start of its kernel
  Distribution host_period;            // start of one launching call to the start of the thread's next
  double queue_depth_mean = 0;         // launched, not started; mean over the span
  std::int64_t queue_depth_max = 0;
};

[[nodiscard]] Statistics summarise(const Trace& trace);

/// Value of a root attribute, or "unknown".
[[nodiscard]] std::string attribute(const Trace& trace, const std::string& name);

}  // namespace hopsim::trace
