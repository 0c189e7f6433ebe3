// SPDX-License-Identifier: Apache-2.0
// The times of all events of a program, and what they amount to.
//
// Two ways to the same integers:
//   folded   one pass over the events in topological order; each time is a maximum of sums, which is a
//   product with a
//            sparse (max, +) matrix an event. Linear in the number of edges.
//   simgrid  discrete events on SimGrid (replay/simgrid/captured_engine.hpp): host threads and streams are
//   SimGrid
//            hosts, each delay an Exec started by the completion of what it waited for last.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "replay/captured/program.hpp"

namespace hopsim::replay::captured {

/// Time of each event in ns.
using Timeline = std::vector<std::int64_t>;

/// The edges of a program by source, and what each event waits for. Throws InternalError when they hold a
/// cycle.
struct EdgeIndex {
  explicit EdgeIndex(const Program& program);

  std::vector<std::size_t> first;   // edges of event e: order[first[e]] ... order[first[e + 1] - 1]
  std::vector<std::size_t> order;   // indices into Program::edges, by source
  std::vector<std::size_t> inputs;  // by event: number of edges that end there
};

/// Calls visit(event, edge) for every edge, causes before effects, and returns how many events were reached:
/// all of them unless the edges hold a cycle. Events without a cause come first.
template <class Visit>
std::size_t walk_forward(const Program& program, const EdgeIndex& index, Visit visit) {
  std::vector<std::size_t> missing = index.inputs;
  std::vector<std::size_t> ready;
  for (std::size_t event = 0; event < missing.size(); ++event) {
    if (missing[event] == 0) {
      ready.push_back(event);
    }
  }
  std::size_t reached = 0;
  while (!ready.empty()) {
    const std::size_t event = ready.back();
    ready.pop_back();
    ++reached;
    for (std::size_t k = index.first[event]; k < index.first[event + 1]; ++k) {
      const Edge& edge = program.edges[index.order[k]];
      visit(event, edge);
      if (--missing[edge.to] == 0) {
        ready.push_back(edge.to);
      }
    }
  }
  return reached;
}

/// The (max, +) pass.
[[nodiscard]] Timeline run_folded(const Program& program);

/// The captured times of the same events, after repair.
[[nodiscard]] Timeline measured_timeline(const Program& program);

/// What rests on one rule: how many begins and ends it decided, and `on_path_ns`, the time that it
/// contributes to the one chain of causes that determines the end of the replay. The latter add up to the
/// span.
struct RuleShare {
  std::int64_t count = 0;
  std::int64_t on_path_ns = 0;
};

struct ReplayResult {
  std::string engine;
  std::int64_t measured_ns = 0, simulated_ns = 0;  // first record to the end of the last
  std::int64_t idle_measured_ns = 0,
               idle_simulated_ns = 0;  // no operation on the GPU; mean over the devices used
  std::int64_t streams_in_order = 0,
               streams = 0;  // streams whose operations start in the order of the capture
  std::array<RuleShare, kRuleCount> rules{};
  Timeline times;

  /// (simulated - measured) / measured
  [[nodiscard]] double error() const;
};

/// Compares a timeline with the capture.
[[nodiscard]] ReplayResult judge(const Program& program, Timeline times, std::string engine);

}  // namespace hopsim::replay::captured
