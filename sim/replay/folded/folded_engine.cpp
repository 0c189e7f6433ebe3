// SPDX-License-Identifier: Apache-2.0
#include "replay/folded/folded_engine.hpp"

#include <optional>

#include "base/errors.hpp"
#include "replay/folded/max_plus.hpp"

namespace hopsim::replay {

namespace {

using cost::CostedStep;
using cost::Task;

auto matrix_of(const Task& task, std::int64_t launch_ps, std::int64_t offset) -> MaxPlus {
  const std::int64_t d = task.dispatch_ps;
  const std::int64_t k = task.duration_ps + task.duration_slope_ps * offset;
  switch (task.kind) {
    case Task::Kind::kLaunch:
      return {d, kNever, d + launch_ps + k, k};
    case Task::Kind::kGraphLaunch:
      return {d, kNever, d + launch_ps, 0};
    case Task::Kind::kGraphNode:
      return {0, kNever, kNever, k};
    case Task::Kind::kHostWork:
      return {d, kNever, kNever, 0};
    case Task::Kind::kSync:
      return {d, d, kNever, 0};
  }
  throw InternalError("unknown task kind");
}

// A list of tasks with everything that does not depend on the offset multiplied out: fixed, varying, fixed,
// ...
class FoldedBlock {
 public:
  FoldedBlock(const std::vector<Task>& tasks, std::int64_t launch_ps) : launch_ps_(launch_ps) {
    MaxPlus fixed;
    for (const Task& task : tasks) {
      if (task.duration_slope_ps == 0) {
        fixed = matrix_of(task, launch_ps, 0) * fixed;
      } else {
        varying_.push_back({fixed, task});
        fixed = MaxPlus{};
      }
    }
    tail_ = fixed;
  }

  [[nodiscard]] MaxPlus at(std::int64_t offset) const {
    MaxPlus out;
    for (const Varying& one : varying_) {
      out = matrix_of(one.task, launch_ps_, offset) * (one.before * out);
    }
    return tail_ * out;
  }

 private:
  struct Varying {
    MaxPlus before;
    Task task;
  };
  std::int64_t launch_ps_;
  std::vector<Varying> varying_;
  MaxPlus tail_;
};

// Whether the stream's state before the step can't matter: its first stream action is a launch.
auto starts_with_launch(const CostedStep& step) -> std::optional<bool> {
  for (const auto* block : {&step.prologue, &step.layer, &step.epilogue}) {
    for (const Task& task : *block) {
      if (block == &step.layer && step.layers == 0) {
        break;
      }
      if (task.kind == Task::Kind::kGraphNode) {
        return false;
      }
      if (task.kind == Task::Kind::kLaunch || task.kind == Task::Kind::kGraphLaunch) {
        return true;
      }
    }
  }
  return std::nullopt;
}

auto ends_in_sync(const CostedStep& step) -> bool {
  return !step.epilogue.empty() && step.epilogue.back().kind == Task::Kind::kSync;
}

class FoldedStep {
 public:
  explicit FoldedStep(const CostedStep& step)
      : prologue_(step.prologue, step.launch_ps),
        layer_(step.layer, step.launch_ps),
        epilogue_(step.epilogue, step.launch_ps),
        layers_(step.layers),
        closed_(ends_in_sync(step) && starts_with_launch(step).value_or(true)) {}

  /// After the step, from `start`.
  [[nodiscard]] TimePair advance(TimePair start, std::int64_t offset) const {
    return epilogue_.at(offset) * (power(layer_.at(offset), layers_) * (prologue_.at(offset) * start));
  }

  /// The step's duration is a function of the offset alone when it starts with stream <= host.
  [[nodiscard]] bool closed() const { return closed_; }

  /// Sum of the durations at offsets first .. first + count - 1. Requires closed().
  [[nodiscard]] std::int64_t sum(std::int64_t first, std::int64_t count) const {
    const std::int64_t last = first + count - 1;
    const std::int64_t t_first = duration(first);
    return count == 1 ? t_first : sum(first, t_first, last, duration(last));
  }

 private:
  [[nodiscard]] std::int64_t duration(std::int64_t offset) const { return advance({0, 0}, offset).host; }

  // Both ends included, a < b.
  [[nodiscard]] std::int64_t sum(std::int64_t a, std::int64_t ta, std::int64_t b, std::int64_t tb) const {
    if (b - a == 1) {
      return ta + tb;
    }
    const std::int64_t m = a + (b - a) / 2;
    const std::int64_t tm = duration(m);
    if (static_cast<Wide>(tm - ta) * (b - m) == static_cast<Wide>(tb - tm) * (m - a)) {
      return static_cast<std::int64_t>((static_cast<Wide>(ta) + tb) * (b - a + 1) / 2);
    }
    return sum(a, ta, m, tm) + sum(m, tm, b, tb) - tm;
  }

  FoldedBlock prologue_, layer_, epilogue_;
  std::int64_t layers_;
  bool closed_;
};

auto advance_run(const FoldedStep& step, const StepRun& run, TimePair t) -> TimePair {
  if (step.closed() && t.stream <= t.host) {
    // All but the last at once; the last leaves the stream's own time behind for whatever comes next.
    const std::int64_t before_last = run.count - 1;
    t.host += before_last > 0 ? step.sum(run.first_offset, before_last) : 0;
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
  std::vector<FoldedStep> steps;
  steps.reserve(schedule.steps.size());
  for (const CostedStep& step : schedule.steps) {
    steps.emplace_back(step);
  }
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
      t = advance_run(steps[run.step], run, t);
    }
    ends.push_back(std::max(t.host, t.stream));
  }
  out.latency_ps = std::max(t.host, t.stream);
  return out;
}

}  // namespace hopsim::replay
