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

// Events that wait for themselves: true where one of the cycle's edges is in it.
auto stuck_events(const Program& program) -> std::vector<bool> {
  const EdgeIndex index(program);
  std::vector<std::size_t> missing = index.inputs;
  std::vector<std::size_t> ready;
  for (std::size_t e = 0; e < missing.size(); ++e) {
    HOPSIM_CHECK(missing[e] > 0 || e == Program::origin(), "an event of a replay has no cause");
    if (missing[e] == 0) {
      ready.push_back(e);
    }
  }
  while (!ready.empty()) {
    const std::size_t event = ready.back();
    ready.pop_back();
    for (std::size_t k = index.first[event]; k < index.first[event + 1]; ++k) {
      const std::size_t to = program.edges[index.order[k]].to;
      if (--missing[to] == 0) {
        ready.push_back(to);
      }
    }
  }
  std::vector<bool> out;
  for (const std::size_t m : missing) {
    out.push_back(m > 0);
  }
  return out;
}

// A launch whose own work made the room that it waited for, by a wrong inference: then the inference goes.
void break_cycles(Program& program) {
  const std::vector<bool> stuck = stuck_events(program);
  std::erase_if(program.edges,
                [&stuck](const Edge& edge) { return edge.rule == Rule::kQueueFull && stuck[edge.to]; });
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
