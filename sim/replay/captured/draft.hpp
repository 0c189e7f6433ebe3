// SPDX-License-Identifier: Apache-2.0
// The program while it is being built, and the steps that build it, in order (program.cpp). Internal to this
// folder.
#pragma once

#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "replay/captured/program.hpp"
#include "trace/records.hpp"

namespace hopsim::replay::captured {

inline constexpr std::int64_t kClockTick_ns = 1000;  // older dialects round to microseconds

struct Draft {
  explicit Draft(const trace::Trace& captured) : trace(captured) {}

  const trace::Trace& trace;
  Program program;
  std::vector<std::vector<std::size_t>> nested;  // by call: records merged into it
  std::vector<std::int64_t> enqueued_ns;         // by op: when it entered its stream; -1 before the capture
  std::vector<std::int64_t> usual_start_ns;      // by stream: launch begin to start, when idle
  std::vector<std::int64_t> cost_ns;             // by call: what it takes when it does not block
  std::vector<bool> own_wait;                    // by call: a copy that waits for itself
  std::unordered_map<std::int64_t, std::vector<const trace::Sync*>> syncs;  // by correlation
  std::set<std::int64_t> contexts;                                          // of device operations
  // Per-stream prefix views for binary search.
  std::vector<std::vector<std::int64_t>> stream_ends, stream_enqueued;

  [[nodiscard]] const Call& call(std::size_t i) const { return program.calls[i]; }
  [[nodiscard]] const Op& op(std::size_t i) const { return program.ops[i]; }
  void add(std::size_t from, std::size_t to, std::int64_t host_ns, std::int64_t device_ns, Rule rule) {
    program.edges.push_back({from, to, host_ns, device_ns, rule});
  }
  /// The synchronisation record of a call, or nullptr.
  [[nodiscard]] const trace::Sync* sync_of(const Call& call) const;
  /// Whether a synchronisation record is about this context of this device.
  [[nodiscard]] bool about(const trace::Sync& sync, std::int64_t device, std::int64_t context) const;
  /// The last operation of a stream that had entered it by `time_ns`, or kNowhere.
  [[nodiscard]] std::size_t last_enqueued(std::size_t stream, std::int64_t time_ns) const;
};

/// Value at quantile q of a list, by nearest rank; `otherwise` where it is empty.
[[nodiscard]] std::int64_t quantile(std::vector<std::int64_t> values, double q, std::int64_t otherwise);
/// Mean of the values within `reach` of their quantile q: a usual value that sums do not drift from.
[[nodiscard]] std::int64_t typical(const std::vector<std::int64_t>& values, double q, std::int64_t reach,
                                   std::int64_t otherwise);

/// By call: the median duration of its API on its thread.
[[nodiscard]] std::vector<std::int64_t> usual_call_ns(const Draft& draft);

void take_calls(Draft& draft);        // threads, calls; nested calls merged
void take_operations(Draft& draft);   // streams, operations, launch of each; clock repaired
void find_own_waits(Draft& draft);    // copies that block
void add_queue_edges(Draft& draft);   // queue_rule.cpp: launches that wait for room
void add_launch_edges(Draft& draft);  // device_rules.cpp: everything that an operation waits for
void add_graph_edges(Draft& draft);   // graph_rule.cpp
void add_event_waits(Draft& draft);   // event_rule.cpp: recorded stream waits
void add_sync_edges(Draft& draft);    // sync_rule.cpp: what calls wait for, and what they cost
void add_host_edges(Draft& draft);    // host_rule.cpp: gaps, thread starts, handovers

}  // namespace hopsim::replay::captured
