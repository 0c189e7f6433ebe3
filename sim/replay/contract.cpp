// SPDX-License-Identifier: Apache-2.0
#include "replay/contract.hpp"

#include <numeric>

#include "base/errors.hpp"

namespace hopsim::replay {

namespace {

using cost::CostedStep;
using cost::Task;

// Sums of one step over its tasks, at offset 0 and per token of offset.
struct StepWork {
  std::array<Wide, kKernelClassCount> busy{}, busy_slope{}, energy{}, energy_slope{};
  std::int64_t kernels = 0;
  std::int64_t host_calls = 0;
};

constexpr Wide kLongest_ps = static_cast<Wide>(30) * 86400 * 1'000'000'000'000;

void add_tasks(const std::vector<Task>& tasks, std::int64_t times, StepWork& out) {
  for (const Task& task : tasks) {
    out.host_calls += task.kind == Task::Kind::kGraphNode ? 0 : times;
    if (!task.is_kernel()) {
      continue;
    }
    const auto cls = static_cast<std::size_t>(task.cls);
    out.kernels += times;
    out.busy[cls] += static_cast<Wide>(task.duration_ps) * times;
    out.busy_slope[cls] += static_cast<Wide>(task.duration_slope_ps) * times;
    out.energy[cls] += static_cast<Wide>(task.energy_pj) * times;
    out.energy_slope[cls] += static_cast<Wide>(task.energy_slope_pj) * times;
  }
}

auto work_of(const CostedStep& step) -> StepWork {
  StepWork out;
  add_tasks(step.prologue, 1, out);
  add_tasks(step.layer, step.layers, out);
  add_tasks(step.epilogue, 1, out);
  return out;
}

// Of an arithmetic series; the product of two neighbours is even.
auto sum_of_offsets(const StepRun& run) -> Wide {
  return static_cast<Wide>(run.count) * run.first_offset + static_cast<Wide>(run.count) * (run.count - 1) / 2;
}

void check_tasks(const std::vector<Task>& tasks) {
  for (const Task& task : tasks) {
    HOPSIM_CHECK(task.dispatch_ps >= 0 && task.duration_ps >= 0, "a task has a negative time");
    HOPSIM_CHECK(task.is_kernel() || (task.duration_ps == 0 && task.duration_slope_ps == 0),
                 "only kernels take time on the stream");
  }
}

// Time of one step where nothing overlaps, at offset 0 and per token of offset.
struct Bound {
  Wide at_zero = 0, slope = 0;
};

void add_bound(const std::vector<Task>& tasks, std::int64_t times, std::int64_t launch_ps, Bound& out) {
  Bound sum;
  for (const Task& task : tasks) {
    sum.at_zero += static_cast<Wide>(task.dispatch_ps) + launch_ps + task.duration_ps;
    sum.slope += task.duration_slope_ps;
  }
  out.at_zero += sum.at_zero * times;
  out.slope += sum.slope * times;
}

void check_horizon(const Schedule& schedule) {
  std::vector<Bound> bounds;
  for (const CostedStep& step : schedule.steps) {
    Bound& bound = bounds.emplace_back();
    add_bound(step.prologue, 1, step.launch_ps, bound);
    add_bound(step.layer, step.layers, step.launch_ps, bound);
    add_bound(step.epilogue, 1, step.launch_ps, bound);
  }
  Wide longest = 0;
  for (const Hop& hop : schedule.hops) {
    longest += hop.pause_ps;
    for (const StepRun& run : hop.runs) {
      longest += bounds[run.step].at_zero * run.count + bounds[run.step].slope * sum_of_offsets(run);
    }
  }
  if (longest > kLongest_ps) {
    throw InputError(Location{}, "the chain could last longer than 30 days",
                     "shorter pauses, fewer tokens, a smaller batch");
  }
}

// A slope may be negative, a duration may not.
void check_run(const std::vector<Task>& tasks, const StepRun& run) {
  for (const Task& task : tasks) {
    HOPSIM_CHECK(task.duration_ps + task.duration_slope_ps * run.first_offset >= 0 &&
                     task.duration_ps + task.duration_slope_ps * (run.first_offset + run.count - 1) >= 0,
                 "a kernel's duration is negative inside its window");
  }
}

}  // namespace

Wide Totals::total_busy_ps() const { return std::accumulate(busy_ps.begin(), busy_ps.end(), Wide{0}); }
Wide Totals::total_energy_pj() const { return std::accumulate(energy_pj.begin(), energy_pj.end(), Wide{0}); }

void check(const Schedule& schedule) {
  for (const CostedStep& step : schedule.steps) {
    HOPSIM_CHECK(step.layers >= 0 && step.launch_ps >= 0, "a step has negative layers or latency");
    HOPSIM_CHECK(!step.prologue.empty() || !step.epilogue.empty() || (step.layers > 0 && !step.layer.empty()),
                 "a step has no tasks");
    check_tasks(step.prologue);
    check_tasks(step.layer);
    check_tasks(step.epilogue);
  }
  for (std::size_t i = 0; i < schedule.hops.size(); ++i) {
    const Hop& hop = schedule.hops[i];
    HOPSIM_CHECK(hop.pause_ps >= 0, "a pause is negative");
    for (const std::size_t before : hop.after) {
      HOPSIM_CHECK(before < i, "a hop comes after a later hop");
    }
    for (const StepRun& run : hop.runs) {
      HOPSIM_CHECK(run.step < schedule.steps.size() && run.count >= 1 && run.first_offset >= 0,
                   "a run is out of range");
      const CostedStep& step = schedule.steps[run.step];
      check_run(step.prologue, run);
      check_run(step.layer, run);
      check_run(step.epilogue, run);
    }
  }
  check_horizon(schedule);
}

void add_work(const Schedule& schedule, Totals& totals) {
  std::vector<StepWork> work;
  work.reserve(schedule.steps.size());
  for (const CostedStep& step : schedule.steps) {
    work.push_back(work_of(step));
  }
  for (const Hop& hop : schedule.hops) {
    for (const StepRun& run : hop.runs) {
      const StepWork& one = work[run.step];
      const Wide offsets = sum_of_offsets(run);
      totals.steps += run.count;
      totals.kernels += one.kernels * run.count;
      totals.host_calls += one.host_calls * run.count;
      for (std::size_t c = 0; c < kKernelClassCount; ++c) {
        totals.busy_ps[c] += one.busy[c] * run.count + one.busy_slope[c] * offsets;
        totals.energy_pj[c] += one.energy[c] * run.count + one.energy_slope[c] * offsets;
      }
    }
  }
}

}  // namespace hopsim::replay
