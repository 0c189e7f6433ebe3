// SPDX-License-Identifier: Apache-2.0
// What a device operation waits for. In the capture its start S has one latest cause: the end of the
// operation before it in its stream, or its launch plus the usual latency. S then is
//   back to back   S - end before is small: that gap is a property of the pair and is kept on the stream's
//   edge; launch-bound   |S - (launch + usual latency)| is small: jitter, which is dropped (the usual latency
//   is a mean); late           something else held it: the end of work on another stream of the device just
//   before S, for work
//                  without a launch record a call of the host, or else unknown: then the delay is kept and
//                  counted.
// "Small" is up to the usual time from launch to start of the stream: nothing else sets a scale that fits
// every GPU.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

constexpr std::size_t kEnoughSamples = 20;
constexpr std::int64_t kUnknownStart_ns =
    5000;  // launch to start where no idle stream was ever launched into
constexpr std::int64_t kSlowestStart_ns = 100'000;  // beyond it something else held the operation
constexpr std::int64_t kRelease = 4;  // a stream that waits for another starts within so many usual starts
constexpr double kPrompt =
    0.25;  // quantile: many launches into an idle stream start late, for other streams' sake

// How a launch's latency is counted: from the end of its call, or from its begin when the call waits for the
// copy.
struct LaunchKey {
  std::size_t stream;
  bool graph, waits;
  friend auto operator<=>(const LaunchKey&, const LaunchKey&) = default;
};

class LaunchRule {
 public:
  explicit LaunchRule(Draft& draft) : draft_(draft), program_(draft.program) { measure(); }

  void add_edges(std::size_t i);

 private:
  [[nodiscard]] LaunchKey key(const Op& op) const {
    const Call& call = program_.calls[op.call];
    return {op.stream, call.ops.size() > 1 || call.kind == CallKind::kGraphLaunch, draft_.own_wait[op.call]};
  }
  [[nodiscard]] std::int64_t base_ns(const Op& op) const {
    const Call& call = program_.calls[op.call];
    return draft_.own_wait[op.call] ? call.start_ns : call.end_ns;
  }
  [[nodiscard]] std::int64_t end_before(const Op& op) const {
    return op.before == kNowhere ? -1 : program_.ops[op.before].end_ns;
  }
  [[nodiscard]] bool launched_into_idle(const Op& op) const {
    return op.call != kNowhere && !op.graph_node && program_.calls[op.call].start_ns >= end_before(op);
  }
  void measure();
  void measure_gaps();
  [[nodiscard]] std::int64_t latency_ns(const Op& op) const;
  bool add_cross_stream(std::size_t i, std::int64_t late);
  [[nodiscard]] std::size_t latest_call(std::size_t thread, std::int64_t start_ns,
                                        std::int64_t long_ns) const;
  bool add_inferred_launch(std::size_t i);
  void add_late(std::size_t i, std::int64_t late);
  void launch_edge(std::size_t i, std::int64_t after_base_ns, Rule rule);

  Draft& draft_;
  Program& program_;
  std::map<LaunchKey, std::int64_t> latency_;
  std::map<std::pair<bool, bool>, std::int64_t> any_latency_;  // over all streams
};

// The usual latencies: of a stream where it has enough launches, else of all streams together.
void LaunchRule::measure() {
  std::vector<std::vector<std::int64_t>> starts(program_.streams.size());
  std::vector<std::int64_t> all_starts;
  std::map<LaunchKey, std::vector<std::int64_t>> lists;
  std::map<std::pair<bool, bool>, std::vector<std::int64_t>> all;
  for (const Op& op : program_.ops) {
    if (launched_into_idle(op)) {
      starts[op.stream].push_back(op.start_ns - program_.calls[op.call].start_ns);
      all_starts.push_back(starts[op.stream].back());
      const LaunchKey k = key(op);
      lists[k].push_back(op.start_ns - base_ns(op));
      all[{k.graph, k.waits}].push_back(lists[k].back());
    }
  }
  const std::int64_t any =
      std::clamp(quantile(all_starts, kPrompt, kUnknownStart_ns), kClockTick_ns, kSlowestStart_ns);
  for (std::size_t s = 0; s < starts.size(); ++s) {
    const std::int64_t own = quantile(starts[s], kPrompt, any);
    draft_.usual_start_ns.push_back(
        starts[s].size() < kEnoughSamples ? any : std::clamp(own, kClockTick_ns, 4 * any));
  }
  for (const auto& [k, list] : lists) {
    if (list.size() >= kEnoughSamples) {
      latency_[k] = typical(list, kPrompt, draft_.usual_start_ns[k.stream], 0);
    }
  }
  for (const auto& [k, list] : all) {
    any_latency_[k] = typical(list, kPrompt, any, 0);
  }
  measure_gaps();
}

void LaunchRule::measure_gaps() {
  std::vector<std::vector<std::int64_t>> gaps(program_.streams.size());
  for (const Op& op : program_.ops) {
    if (op.before == kNowhere) {
      continue;
    }
    const std::int64_t gap = op.start_ns - end_before(op);
    const bool queued = op.call == kNowhere || base_ns(op) + latency_ns(op) < end_before(op);
    if (queued && gap >= 0 && gap <= draft_.usual_start_ns[op.stream]) {
      gaps[op.stream].push_back(gap);
    }
  }
  for (auto& list : gaps) {
    program_.usual_gap_ns.push_back(quantile(std::move(list), 0.5, kClockTick_ns));
  }
}

std::int64_t LaunchRule::latency_ns(const Op& op) const {
  const LaunchKey k = key(op);
  if (const auto found = latency_.find(k); found != latency_.end()) {
    return found->second;
  }
  const auto any = any_latency_.find({k.graph, k.waits});
  return any == any_latency_.end() ? 0 : any->second;
}

// The launch takes effect `after_base_ns` after the end (or begin) of its call, but not before its begin.
void LaunchRule::launch_edge(std::size_t i, std::int64_t after_base_ns, Rule rule) {
  const Op& op = program_.ops[i];
  const std::int64_t cost = draft_.own_wait[op.call] ? 0 : draft_.cost_ns[op.call];
  draft_.add(Program::call_begin(op.call), program_.op_start(i), cost,
             std::min(after_base_ns, op.start_ns - base_ns(op)), rule);
}

// The end of work on another stream of the device that explains the start: between `late` and the start, and
// as near to it as a stream that was released starts.
bool LaunchRule::add_cross_stream(std::size_t i, std::int64_t late) {
  const Op& op = program_.ops[i];
  const std::int64_t earliest = std::max(late + 1, op.start_ns - kRelease * draft_.usual_start_ns[op.stream]);
  std::size_t best = kNowhere;
  for (std::size_t s = 0; s < program_.streams.size(); ++s) {
    if (s == op.stream || program_.streams[s].device != program_.streams[op.stream].device) {
      continue;
    }
    const std::vector<std::int64_t>& ends = draft_.stream_ends[s];
    const auto after = std::upper_bound(ends.begin(), ends.end(), op.start_ns);
    if (after == ends.begin()) {
      continue;
    }
    const std::size_t other = program_.streams[s].ops[static_cast<std::size_t>(after - ends.begin()) - 1];
    const Op& candidate = program_.ops[other];
    if (candidate.end_ns >= earliest && candidate.start_ns < op.start_ns &&
        (best == kNowhere || candidate.end_ns > program_.ops[best].end_ns)) {
      best = other;
    }
  }
  if (best == kNowhere) {
    return false;
  }
  draft_.add(program_.op_end(best), program_.op_start(i), 0, op.start_ns - program_.ops[best].end_ns,
             Rule::kInferredEventWait);
  return true;
}

// The latest call of a thread that can have launched what started at `start_ns`: a long call that was under
// way then was waiting, not launching.
std::size_t LaunchRule::latest_call(std::size_t thread, std::int64_t start_ns, std::int64_t long_ns) const {
  const std::vector<std::size_t>& calls = program_.threads[thread].calls;
  auto after = std::partition_point(calls.begin(), calls.end(),
                                    [&](std::size_t c) { return program_.calls[c].start_ns < start_ns; });
  if (after == calls.begin()) {
    return kNowhere;
  }
  const Call& call = program_.calls[*(after - 1)];
  if (call.end_ns > start_ns && call.end_ns - call.start_ns > long_ns) {
    --after;
  }
  return after == calls.begin() ? kNowhere : *(after - 1);
}

// Work without a launch record that did not follow its predecessor: after the latest call of the thread that
// launched into its stream before (of any thread, where there was none).
bool LaunchRule::add_inferred_launch(std::size_t i) {
  const Op& op = program_.ops[i];
  std::size_t launched = op.before;
  while (launched != kNowhere && program_.ops[launched].call == kNowhere) {
    launched = program_.ops[launched].before;
  }
  std::size_t best = kNowhere;
  for (std::size_t t = 0; t < program_.threads.size(); ++t) {
    if (launched != kNowhere && program_.calls[program_.ops[launched].call].thread != t) {
      continue;
    }
    const std::size_t c = latest_call(t, op.start_ns, kRelease * draft_.usual_start_ns[op.stream]);
    if (c != kNowhere && (best == kNowhere || program_.calls[c].start_ns > program_.calls[best].start_ns)) {
      best = c;
    }
  }
  if (best == kNowhere || program_.calls[best].start_ns <= end_before(op)) {
    return false;
  }
  draft_.add(Program::call_begin(best), program_.op_start(i), op.start_ns - program_.calls[best].start_ns, 0,
             Rule::kInferredLaunch);
  return true;
}

void LaunchRule::add_late(std::size_t i, std::int64_t late) {
  const Op& op = program_.ops[i];
  if (add_cross_stream(i, late) || (op.call == kNowhere && add_inferred_launch(i))) {
    return;
  }
  if (op.before == kNowhere && op.call == kNowhere) {
    draft_.add(Program::origin(), program_.op_start(i), 0, op.start_ns, Rule::kInFlight);
  } else if (op.call != kNowhere && base_ns(op) + latency_ns(op) >= end_before(op)) {
    launch_edge(i, op.start_ns - base_ns(op), op.before == kNowhere ? Rule::kInFlight : Rule::kKeptDelay);
  } else {
    draft_.add(program_.op_end(op.before), program_.op_start(i), 0, op.start_ns - end_before(op),
               Rule::kKeptDelay);
  }
}

void LaunchRule::add_edges(std::size_t i) {
  const Op& op = program_.ops[i];
  const std::int64_t small = draft_.usual_start_ns[op.stream];
  std::int64_t late = -1;
  bool stream_bound = false;
  if (op.call != kNowhere) {
    late = std::max(base_ns(op) + latency_ns(op), program_.calls[op.call].start_ns);
    launch_edge(i, latency_ns(op), Rule::kLaunch);
  }
  if (op.before != kNowhere) {
    const std::int64_t gap = op.start_ns - end_before(op);
    if (gap < 0) {  // it overlaps its predecessor: their order is kept, from start to start
      draft_.add(program_.op_start(op.before), program_.op_start(i), 0,
                 op.start_ns - program_.ops[op.before].start_ns, Rule::kStreamOrder);
      return;
    }
    stream_bound = end_before(op) >= late;
    const bool keeps = stream_bound && gap <= small;
    draft_.add(program_.op_end(op.before), program_.op_start(i), 0,
               keeps ? gap : std::min(gap, program_.usual_gap_ns[op.stream]), Rule::kStreamOrder);
    late = std::max(late, end_before(op));
  }
  const bool known = op.call != kNowhere || op.before != kNowhere;
  const std::int64_t rest = op.start_ns - late;
  if (known && rest <= small) {
    program_.jitter_dropped_ns += stream_bound ? 0 : std::abs(rest);
    return;
  }
  add_late(i, late);
}

}  // namespace

void add_launch_edges(Draft& draft) {
  LaunchRule rule(draft);
  for (std::size_t i = 0; i < draft.program.ops.size(); ++i) {
    draft.add(draft.program.op_start(i), draft.program.op_end(i), 0, draft.op(i).duration_ns(),
              Rule::kKernel);
    if (!draft.op(i).graph_node) {
      rule.add_edges(i);
    }
  }
}

}  // namespace hopsim::replay::captured
