// SPDX-License-Identifier: Apache-2.0
// The driver's queue holds about a thousand launches; a launch call into a full one lasts until an operation
// starts. Full is where launch calls last far longer than usual while nearly as many operations are pending
// as ever in the capture. Such a call costs the usual time of its API on its thread, from the start of the
// operation that made room; any other launch is held back only by the operation that lies the limit's count
// before it, should it get that far.
#include <algorithm>
#include <map>

#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

constexpr std::size_t kUsualLimit =
    1024;                              // entries of a CUDA channel's ring, where the capture shows no limit
constexpr std::size_t kShallow = 256;  // a queue that never held more was never full
constexpr std::size_t kEnoughBlocked = 8;
constexpr std::int64_t kLongCall = 5;
constexpr double kNearlyAsMany = 0.9;

struct Queue {
  std::vector<std::int64_t> entered;                          // one entry a launch, sorted
  std::vector<std::pair<std::int64_t, std::size_t>> started;  // and the operations that left it, by start
  std::vector<std::size_t> launches;                          // calls

  [[nodiscard]] std::size_t entered_before(std::int64_t t) const {
    return static_cast<std::size_t>(std::lower_bound(entered.begin(), entered.end(), t) - entered.begin());
  }
  [[nodiscard]] std::size_t started_by(std::int64_t t) const {
    const auto after =
        std::upper_bound(started.begin(), started.end(), t,
                         [](std::int64_t time, const auto& item) { return time < item.first; });
    return static_cast<std::size_t>(after - started.begin());
  }
  [[nodiscard]] std::size_t pending(std::int64_t t) const {
    const std::size_t in = entered_before(t), out = started_by(t);
    return in > out ? in - out : 0;
  }
};

auto queues_of(const Draft& draft) -> std::map<std::int64_t, Queue> {
  std::map<std::int64_t, Queue> out;
  for (std::size_t i = 0; i < draft.program.ops.size(); ++i) {
    const Op& op = draft.op(i);
    if (!op.graph_node) {
      Queue& queue = out[draft.program.streams[op.stream].device];
      queue.entered.push_back(draft.enqueued_ns[i]);
      queue.started.emplace_back(op.start_ns, i);  // operations are in order of start
    }
  }
  for (std::size_t c = 0; c < draft.program.calls.size(); ++c) {
    const Call& call = draft.call(c);
    if (!call.ops.empty() && !draft.own_wait[c]) {
      out[draft.program.streams[draft.op(call.ops.front()).stream].device].launches.push_back(c);
    }
  }
  for (auto& [device, queue] : out) {
    std::sort(queue.entered.begin(), queue.entered.end());
  }
  return out;
}

auto blocked_calls(const Draft& draft, const Queue& queue, const std::vector<std::int64_t>& usual)
    -> std::vector<std::size_t> {
  std::size_t most = 0;
  for (const std::size_t c : queue.launches) {
    most = std::max(most, queue.pending(draft.call(c).start_ns));
  }
  std::vector<std::size_t> out;
  for (const std::size_t c : queue.launches) {
    const Call& call = draft.call(c);
    const bool deep = most > kShallow && static_cast<double>(queue.pending(call.start_ns)) >=
                                             kNearlyAsMany * static_cast<double>(most);
    if (deep && call.end_ns - call.start_ns > kLongCall * usual[c]) {
      out.push_back(c);
    }
  }
  if (out.size() < kEnoughBlocked) {
    out.clear();
  }
  return out;
}

// Queue edges of one device. Only operations that had started by the end of the call: the program goes
// forward in time.
void add_edges(Draft& draft, const Queue& queue, const std::vector<std::size_t>& blocked,
               const std::vector<std::int64_t>& usual) {
  std::vector<std::int64_t> depths;
  for (const std::size_t c : blocked) {
    depths.push_back(static_cast<std::int64_t>(queue.pending(draft.call(c).end_ns)));
    draft.cost_ns[c] = std::min(draft.cost_ns[c], usual[c]);
  }
  const auto seen = static_cast<std::size_t>(quantile(depths, 0.5, 0));
  const std::size_t limit = blocked.empty() ? kUsualLimit : seen;
  draft.program.queue_limit = std::max(draft.program.queue_limit, static_cast<std::int64_t>(seen));
  for (const std::size_t c : queue.launches) {
    const Call& call = draft.call(c);
    const std::size_t ahead = queue.entered_before(call.start_ns);
    std::size_t needed = ahead >= limit ? ahead - limit + 1 : 0;  // operations that must have started
    const bool is_blocked = std::binary_search(blocked.begin(), blocked.end(), c);
    const std::size_t had = queue.started_by(is_blocked ? call.end_ns - draft.cost_ns[c] : call.start_ns);
    needed = is_blocked ? had : std::min(needed, had);
    if (needed > 0) {
      const std::size_t made_room = queue.started[needed - 1].second;
      if (draft.op(made_room).call != c) {
        draft.add(draft.program.op_start(made_room), Program::call_begin(c), 0, 0, Rule::kQueueFull);
      }
    }
  }
}

}  // namespace

void add_queue_edges(Draft& draft) {
  const std::vector<std::int64_t> usual = usual_call_ns(draft);
  for (const auto& [device, queue] : queues_of(draft)) {
    std::vector<std::size_t> blocked = blocked_calls(draft, queue, usual);
    std::sort(blocked.begin(), blocked.end());
    add_edges(draft, queue, blocked, usual);
  }
}

}  // namespace hopsim::replay::captured
