// SPDX-License-Identifier: Apache-2.0
#include "replay/folded/folded_engine.hpp"

#include <algorithm>

namespace hopsim::replay {

namespace {

auto duration(const Step& step, std::int64_t offset) -> std::int64_t {
  return step.advance({0, 0}, offset).host;
}

// Sum of the durations at offsets a .. b, a < b, of a closed step; times at both ends are known.
auto sum(const Step& step, std::int64_t a, std::int64_t ta, std::int64_t b, std::int64_t tb) -> std::int64_t {
  if (b - a == 1) {
    return ta + tb;
  }
  const std::int64_t m = a + (b - a) / 2;
  const std::int64_t tm = duration(step, m);
  if (static_cast<Wide>(tm - ta) * (b - m) == static_cast<Wide>(tb - tm) * (m - a)) {
    return static_cast<std::int64_t>((static_cast<Wide>(ta) + tb) * (b - a + 1) / 2);
  }
  return sum(step, a, ta, m, tm) + sum(step, m, tm, b, tb) - tm;
}

auto sum(const Step& step, std::int64_t first, std::int64_t count) -> std::int64_t {
  const std::int64_t last = first + count - 1;
  const std::int64_t t_first = duration(step, first);
  return count == 1 ? t_first : sum(step, first, t_first, last, duration(step, last));
}

auto advance_run(const Step& step, const StepRun& run, TimePair t) -> TimePair {
  if (step.closed() && t.stream <= t.host) {
    // All but the last at once; the last leaves the stream's own time behind for whatever comes next.
    const std::int64_t before_last = run.count - 1;
    t.host += before_last > 0 ? sum(step, run.first_offset, before_last) : 0;
    return step.advance(t, run.first_offset + before_last);
  }
  for (std::int64_t i = 0; i < run.count; ++i) {
    t = step.advance(t, run.first_offset + i);
  }
  return t;
}

}  // namespace

Totals FoldedEngine::replay(const Schedule& schedule) const {
  check(schedule);
  Totals out;
  add_work(schedule, out);
  std::vector<std::int64_t> ends;
  TimePair t;
  for (const Hop& hop : schedule.hops) {
    const std::int64_t free = std::max(t.host, t.stream);
    std::int64_t start = free;
    for (const std::size_t before : hop.after) {
      start = std::max(start, ends[before] + schedule.hops[before].pause_ps);
    }
    out.pause_ps += start - free;
    t.host = start;
    for (const StepRun& run : hop.runs) {
      t = advance_run(schedule.steps[run.step], run, t);
    }
    ends.push_back(std::max(t.host, t.stream));
  }
  out.latency_ps = std::max(t.host, t.stream);
  return out;
}

}  // namespace hopsim::replay
