// SPDX-License-Identifier: Apache-2.0
// A captured trace as a dependency program: what must have happened before each call and each device
// operation begins and ends, and how long after. Nothing starts at a recorded time except the first call (and
// work that was in flight when the capture began); everything else follows from edges
//     t(to) >= t(from) + max(0, host_ns / host_speed + device_ns),
// so the same program answers what-ifs: other durations, another host, one launch for what was many.
//
// Every edge goes forward in captured time, so the program has no cycle, and its replay is linear in the
// (max, +) algebra. Where two host threads launch into one stream, or wait for each other, the order of the
// capture is kept. Each edge names the rule that it was made by; rules that infer something which the records
// do not say are counted apart (is_inferred), and a replay says which share of its span lies on them. The
// rules in words: traces/README.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/kernel_class.hpp"
#include "trace/records.hpp"

namespace hopsim::replay::captured {

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

enum class Rule {
  kFirst,              // the first call of the capture
  kHostWork,           // gap between two calls of a thread
  kCallCost,           // what a call takes when it does not block
  kKernel,             // duration of a device operation
  kLaunch,             // launch call to start, on an idle stream
  kStreamOrder,        // after the operation before it in its stream
  kEventWait,          // recorded wait of a stream for an event
  kSync,               // a synchronising call returns after the work that it waits for
  kBlockingCopy,       // a copy call that returns after its own copy
  kGraph,              // order and gaps inside one graph launch
  kQueueFull,          // a launch waits for room in the queue
  kInFlight,           // inferred: launched before the capture began, or held up by such work
  kThreadStart,        // inferred: a thread's first call, after the latest call of another thread
  kHandover,           // inferred: a thread waits for another one without a call
  kInferredLaunch,     // inferred: an operation without a launch record, after a call of the host
  kInferredEventWait,  // inferred: an operation waits for another stream
  kInferredSync,       // inferred: a long call returns after device work ended
  kKeptDelay,          // unexplained: a late start, kept as captured
  kKeptReturn,         // unexplained: a late return of a synchronising call, kept as captured
};

inline constexpr std::size_t kRuleCount = 19;
inline constexpr std::array<std::string_view, kRuleCount> kRuleNames = {
    "first_call",          "host_work",     "call_cost",    "kernel",        "launch",
    "stream_order",        "event_wait",    "sync",         "blocking_copy", "graph",
    "queue_full",          "in_flight",     "thread_start", "handover",      "inferred_launch",
    "inferred_event_wait", "inferred_sync", "kept_delay",   "kept_return"};

/// Rules that rest on timing, not on a record.
[[nodiscard]] constexpr bool is_inferred(Rule rule) { return rule >= Rule::kInFlight; }

enum class CallKind {
  kLaunch,
  kGraphLaunch,
  kCopy,
  kStreamSync,
  kDeviceSync,
  kEventSync,
  kWaitEvent,
  kEventRecord,
  kMayBlock,
  kOther
};

/// A call of a host thread. Times in ns of the capture, after repair.
struct Call {
  std::int64_t start_ns = 0, end_ns = 0;
  std::size_t thread = 0;  // index into Program::threads
  CallKind kind = CallKind::kOther;
  std::size_t record = 0;        // index into Trace::calls
  std::vector<std::size_t> ops;  // what it launched, by start
};

/// A kernel, copy or memset on a device. Times in ns of the capture, after repair.
struct Op {
  std::int64_t start_ns = 0, end_ns = 0;
  std::size_t stream = 0;         // index into Program::streams
  std::size_t call = kNowhere;    // that launched it
  std::size_t before = kNowhere;  // in its stream
  KernelClass cls = KernelClass::kOther;
  bool is_kernel = true;
  std::size_t record = 0;   // index into Trace::kernels or Trace::memory_ops
  bool graph_node = false;  // one of several of its launch, and not the first

  [[nodiscard]] std::int64_t duration_ns() const { return end_ns - start_ns; }
};

struct Thread {
  std::int64_t id = 0;
  std::vector<std::size_t> calls;  // in order
};

struct Stream {
  std::int64_t device = 0, context = 0, id = 0;
  std::vector<std::size_t> ops;  // in order of start
};

struct Edge {
  std::size_t from = 0, to = 0;  // events
  std::int64_t host_ns = 0;      // this part scales with the host's speed
  std::int64_t device_ns = 0;    // this one does not; may be negative
  Rule rule = Rule::kHostWork;
};

struct Program {
  std::vector<Thread> threads;
  std::vector<Call> calls;
  std::vector<Stream> streams;
  std::vector<Op> ops;
  std::vector<Edge> edges;
  double host_speed = 1;                   // 2: host work takes half as long
  std::vector<std::int64_t> usual_gap_ns;  // by stream, between operations that follow each other at once

  // Repairs, and how much was left out of the rules.
  std::int64_t clock_shift_ns = 0;  // largest shift of a device clock against the host's
  std::int64_t nested_calls = 0;    // merged into the call around them
  std::int64_t ambiguous_correlations =
      0;  // several calls with one correlation: the latest before the start was taken
  std::int64_t launches_after_start = 0;  // launch records that cannot be the operation's: not used
  std::int64_t queue_limit = 0;           // pending launches at which launch calls block; 0: never seen
  std::int64_t jitter_dropped_ns = 0;     // launch latencies replaced by their mean: sum of the differences

  // Events: the origin (time 0), begin and end of each call, start and end of each operation.
  [[nodiscard]] static constexpr std::size_t origin() { return 0; }
  [[nodiscard]] static std::size_t call_begin(std::size_t call) { return 1 + 2 * call; }
  [[nodiscard]] static std::size_t call_end(std::size_t call) { return 2 + 2 * call; }
  [[nodiscard]] std::size_t op_start(std::size_t op) const { return 1 + 2 * calls.size() + 2 * op; }
  [[nodiscard]] std::size_t op_end(std::size_t op) const { return 2 + 2 * calls.size() + 2 * op; }
  [[nodiscard]] std::size_t event_count() const { return 1 + 2 * calls.size() + 2 * ops.size(); }
  [[nodiscard]] std::int64_t weight_ns(const Edge& edge) const;
};

/// Builds the program of a trace. Throws InputError: nothing to replay, a negative duration, or a device
/// clock that no shift reconciles with the host's.
[[nodiscard]] Program build_program(const trace::Trace& trace);

}  // namespace hopsim::replay::captured
