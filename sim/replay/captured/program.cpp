// SPDX-License-Identifier: Apache-2.0
#include "replay/captured/program.hpp"

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "replay/captured/draft.hpp"
#include "replay/captured/timeline.hpp"

namespace hopsim::replay::captured {

std::int64_t Program::weight_ns(const Edge& edge) const {
  const std::int64_t host =
      host_speed == 1 ? edge.host_ns : std::llround(static_cast<double>(edge.host_ns) / host_speed);
  return std::max<std::int64_t>(0, host + edge.device_ns);
}

namespace {

// Takes events without open edges away, again and again, and returns those that remain. Forwards an open edge
// is one that leads to the event, backwards one that leaves it.
auto peel(const Program& program, std::vector<bool> left, bool forwards) -> std::vector<bool> {
  std::vector<std::size_t> open(left.size(), 0);
  std::vector<std::vector<std::size_t>> next(left.size());
  for (const Edge& edge : program.edges) {
    if (left[edge.from] && left[edge.to]) {
      ++open[forwards ? edge.to : edge.from];
      next[forwards ? edge.from : edge.to].push_back(forwards ? edge.to : edge.from);
    }
  }
  std::vector<std::size_t> ready;
  for (std::size_t e = 0; e < left.size(); ++e) {
    if (left[e] && open[e] == 0) {
      ready.push_back(e);
    }
  }
  while (!ready.empty()) {
    const std::size_t event = ready.back();
    ready.pop_back();
    left[event] = false;
    for (const std::size_t to : next[event]) {
      if (--open[to] == 0) {
        ready.push_back(to);
      }
    }
  }
  return left;
}

// Whether every event can happen. Throws InternalError for an event without a cause.
auto is_acyclic(const Program& program) -> bool {
  const EdgeIndex index(program);
  for (std::size_t e = 1; e < index.inputs.size(); ++e) {
    HOPSIM_CHECK(index.inputs[e] > 0, "an event of a replay has no cause");
  }
  return walk_forward(program, index, [](std::size_t, const Edge&) {}) == index.inputs.size();
}

// A launch whose own work made the room that it waited for, by a wrong inference: then that wait goes.
void break_cycles(Program& program) {
  if (is_acyclic(program)) {
    return;
  }
  const std::vector<bool> left =
      peel(program, peel(program, std::vector<bool>(program.event_count(), true), true), false);
  std::erase_if(program.edges, [&left](const Edge& edge) {
    return edge.rule == Rule::kQueueFull && left[edge.from] && left[edge.to];
  });
}

}  // namespace

Program build_program(const trace::Trace& trace) {
  if (trace.kernels.empty() && trace.memory_ops.empty() && trace.calls.empty()) {
    throw InputError(Location{}, "the trace holds no kernel, no copy and no call",
                     "a capture with something to replay");
  }
  Draft draft(trace);
  for (const trace::Sync& sync : trace.syncs) {
    if (sync.kind != trace::SyncKind::kEventRecord && sync.correlation != trace::kNone) {
      draft.syncs[sync.correlation].push_back(&sync);
    }
  }
  take_calls(draft);
  take_operations(draft);
  find_own_waits(draft);
  for (const Call& call : draft.program.calls) {
    draft.cost_ns.push_back(call.end_ns - call.start_ns);
  }
  add_queue_edges(draft);
  add_launch_edges(draft);
  add_graph_edges(draft);
  add_event_waits(draft);
  add_sync_edges(draft);
  add_host_edges(draft);
  break_cycles(draft.program);
  return std::move(draft.program);
}

}  // namespace hopsim::replay::captured
