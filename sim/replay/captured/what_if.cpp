// SPDX-License-Identifier: Apache-2.0
#include "replay/captured/what_if.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/errors.hpp"

namespace hopsim::replay::captured {

namespace {

constexpr double kSlowest = 0.01, kFastest = 100;

// What kind of event, and whose.
struct EventOf {
  bool is_call = false, is_first = false;  // begin of a call, start of an operation
  std::size_t index = kNowhere;
};

auto event_of(const Program& program, std::size_t event) -> EventOf {
  if (event == Program::origin()) {
    return {};
  }
  const std::size_t k = event - 1, calls = 2 * program.calls.size();
  return k < calls ? EventOf{true, k % 2 == 0, k / 2} : EventOf{false, (k - calls) % 2 == 0, (k - calls) / 2};
}

// The host's part of the cost of these calls, of what they launch and of the work before them is gone.
void drop_host_cost(Program& program, const std::vector<bool>& cost, const std::vector<bool>& work_before) {
  for (Edge& edge : program.edges) {
    const EventOf from = event_of(program, edge.from), to = event_of(program, edge.to);
    const bool own_cost = from.is_call && from.is_first && cost[from.index];
    if (own_cost &&
        (edge.rule == Rule::kCallCost || edge.rule == Rule::kLaunch || edge.rule == Rule::kKeptDelay)) {
      edge.host_ns = 0;
    }
    if (edge.rule == Rule::kHostWork && to.is_call && work_before[to.index]) {
      edge.host_ns = 0;
    }
  }
}

auto waits(const Program& program) -> std::vector<bool> {
  std::vector<bool> out(program.calls.size(), false);
  for (const Edge& edge : program.edges) {
    const bool may_wait = edge.rule == Rule::kSync || edge.rule == Rule::kBlockingCopy ||
                          edge.rule == Rule::kInferredSync || edge.rule == Rule::kKeptReturn ||
                          edge.rule == Rule::kHandover;
    const EventOf to = event_of(program, edge.to);
    if (may_wait && to.is_call) {
      out[to.index] = true;
    }
  }
  for (std::size_t c = 0; c < out.size(); ++c) {
    const CallKind kind = program.calls[c].kind;
    out[c] = out[c] || kind == CallKind::kStreamSync || kind == CallKind::kDeviceSync ||
             kind == CallKind::kEventSync;
  }
  return out;
}

}  // namespace

Program with_host_speed(Program program, double speed) {
  if (!(speed >= kSlowest && speed <= kFastest)) {
    throw InputError(Location{}, fmt::format("a host speed of {} is out of range", speed),
                     fmt::format("allowed: {} to {} (1 is the captured host)", kSlowest, kFastest));
  }
  program.host_speed *= speed;
  return program;
}

Program without_class(Program program, KernelClass cls) {
  std::vector<std::int64_t> durations;
  std::vector<bool> gone(program.calls.size(), false);
  for (std::size_t c = 0; c < gone.size(); ++c) {
    const std::vector<std::size_t>& ops = program.calls[c].ops;
    gone[c] = !ops.empty() &&
              std::all_of(ops.begin(), ops.end(), [&](std::size_t i) { return program.ops[i].cls == cls; });
  }
  for (const Op& op : program.ops) {
    durations.push_back(op.cls == cls ? 0 : op.duration_ns());
  }
  drop_host_cost(program, gone, gone);
  return with_durations(std::move(program), durations);
}

Program with_graphs(Program program) {
  const std::vector<bool> waiting = waits(program);
  std::vector<bool> gone(program.calls.size(), false);
  for (const Thread& thread : program.threads) {
    bool in_graph = false;
    for (const std::size_t c : thread.calls) {
      if (waiting[c]) {
        in_graph = false;
        continue;
      }
      gone[c] = in_graph;
      in_graph = in_graph || !program.calls[c].ops.empty();
    }
  }
  for (Edge& edge : program.edges) {
    const EventOf from = event_of(program, edge.from);
    const bool launch = edge.rule == Rule::kLaunch || edge.rule == Rule::kKeptDelay;
    if (launch && from.is_call && gone[from.index]) {
      edge.host_ns = edge.device_ns = 0;
    }
  }
  drop_host_cost(program, gone, gone);
  return program;
}

Program with_durations(Program program, const std::vector<std::int64_t>& durations_ns) {
  HOPSIM_CHECK(durations_ns.size() == program.ops.size(), "one duration for each operation");
  for (Edge& edge : program.edges) {
    if (edge.rule == Rule::kKernel) {
      const std::size_t op = event_of(program, edge.from).index;
      HOPSIM_CHECK(durations_ns[op] >= 0, "an operation takes no negative time");
      edge.device_ns = durations_ns[op];
    }
  }
  return program;
}

}  // namespace hopsim::replay::captured
