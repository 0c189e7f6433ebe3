// SPDX-License-Identifier: Apache-2.0
#include "replay/captured/timeline.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/errors.hpp"

namespace hopsim::replay::captured {

namespace {

using Interval = std::pair<std::int64_t, std::int64_t>;

// Time up to `span_ns` that no interval covers.
auto uncovered(std::vector<Interval> intervals, std::int64_t span_ns) -> std::int64_t {
  std::sort(intervals.begin(), intervals.end());
  std::int64_t busy = 0, reached = 0;
  for (const auto& [start, end] : intervals) {
    if (end > reached) {
      busy += end - std::max(start, reached);
      reached = end;
    }
  }
  return span_ns - busy;
}

auto idle_ns(const Program& program, const Timeline& times, std::int64_t span_ns) -> std::int64_t {
  std::map<std::int64_t, std::vector<Interval>> devices;
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    devices[program.streams[program.ops[i].stream].device].emplace_back(times[program.op_start(i)],
                                                                        times[program.op_end(i)]);
  }
  if (devices.empty()) {
    return span_ns;
  }
  std::int64_t sum = 0;
  for (auto& [device, intervals] : devices) {
    sum += uncovered(std::move(intervals), span_ns);
  }
  return sum / static_cast<std::int64_t>(devices.size());
}

auto in_order(const Program& program, const Timeline& times, const Stream& stream) -> bool {
  for (std::size_t k = 1; k < stream.ops.size(); ++k) {
    if (times[program.op_start(stream.ops[k])] < times[program.op_start(stream.ops[k - 1])]) {
      return false;
    }
  }
  return true;
}

// Walks back from the last event along the edges that determined each time.
void follow_causes(const Program& program, const Timeline& times, ReplayResult& result) {
  std::vector<std::size_t> cause(program.event_count(), kNowhere);
  for (std::size_t e = 0; e < program.edges.size(); ++e) {
    const Edge& edge = program.edges[e];
    if (times[edge.from] + program.weight_ns(edge) == times[edge.to]) {
      std::size_t& best = cause[edge.to];
      // Of several causes at once the one whose rule rests on more: records before inference.
      if (best == kNowhere || edge.rule < program.edges[best].rule) {
        best = e;
      }
    }
  }
  for (const std::size_t edge : cause) {
    if (edge != kNowhere) {
      ++result.rules[static_cast<std::size_t>(program.edges[edge].rule)].count;
    }
  }
  auto event = static_cast<std::size_t>(std::max_element(times.begin(), times.end()) - times.begin());
  while (cause[event] != kNowhere) {
    const Edge& edge = program.edges[cause[event]];
    result.rules[static_cast<std::size_t>(edge.rule)].on_path_ns += program.weight_ns(edge);
    event = edge.from;
  }
}

}  // namespace

EdgeIndex::EdgeIndex(const Program& program)
    : first(program.event_count() + 1, 0), order(program.edges.size()), inputs(program.event_count(), 0) {
  for (const Edge& edge : program.edges) {
    HOPSIM_CHECK(edge.from < inputs.size() && edge.to < inputs.size(), "an edge of a replay leads nowhere");
    ++first[edge.from + 1];
    ++inputs[edge.to];
  }
  for (std::size_t e = 0; e + 1 < first.size(); ++e) {
    first[e + 1] += first[e];
  }
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (std::size_t e = 0; e < program.edges.size(); ++e) {
    order[next[program.edges[e].from]++] = e;
  }
}

Timeline run_folded(const Program& program) {
  Timeline times(program.event_count(), 0);
  const std::size_t reached =
      walk_forward(program, EdgeIndex(program), [&](std::size_t event, const Edge& edge) {
        times[edge.to] = std::max(times[edge.to], times[event] + program.weight_ns(edge));
      });
  HOPSIM_CHECK(reached == times.size(), "the dependencies of a replay form a cycle");
  return times;
}

Timeline measured_timeline(const Program& program) {
  Timeline times(program.event_count(), 0);
  for (std::size_t c = 0; c < program.calls.size(); ++c) {
    times[Program::call_begin(c)] = program.calls[c].start_ns;
    times[Program::call_end(c)] = program.calls[c].end_ns;
  }
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    times[program.op_start(i)] = program.ops[i].start_ns;
    times[program.op_end(i)] = program.ops[i].end_ns;
  }
  return times;
}

double ReplayResult::error() const {
  return measured_ns == 0
             ? 0
             : static_cast<double>(simulated_ns - measured_ns) / static_cast<double>(measured_ns);
}

ReplayResult judge(const Program& program, Timeline times, std::string engine) {
  HOPSIM_CHECK(times.size() == program.event_count(), "a replay returned the wrong number of times");
  const Timeline measured = measured_timeline(program);
  ReplayResult out;
  out.engine = std::move(engine);
  out.measured_ns = *std::max_element(measured.begin(), measured.end());
  out.simulated_ns = *std::max_element(times.begin(), times.end());
  out.idle_measured_ns = idle_ns(program, measured, out.measured_ns);
  out.idle_simulated_ns = idle_ns(program, times, out.simulated_ns);
  out.streams = static_cast<std::int64_t>(program.streams.size());
  out.streams_in_order = std::count_if(program.streams.begin(), program.streams.end(),
                                       [&](const Stream& s) { return in_order(program, times, s); });
  follow_causes(program, times, out);
  out.times = std::move(times);
  return out;
}

}  // namespace hopsim::replay::captured
