// SPDX-License-Identifier: Apache-2.0
#include "replay/contract.hpp"

#include <algorithm>
#include <numeric>

#include "base/errors.hpp"

namespace hopsim::replay {

namespace {

// Of an arithmetic series; the product of two neighbours is even.
auto sum_of_offsets(const StepRun& run) -> Wide {
  return static_cast<Wide>(run.count) * run.first_offset + static_cast<Wide>(run.count) * (run.count - 1) / 2;
}

void check_horizon(const Schedule& schedule) {
  Wide longest = 0;
  for (const Hop& hop : schedule.hops) {
    longest += hop.pause_ps;
    for (const StepRun& run : hop.runs) {
      const Step& step = schedule.steps[run.step];
      longest += step.bound_ps() * run.count + step.bound_slope_ps() * sum_of_offsets(run);
    }
  }
  require_within_horizon(longest);
}

// A slope may be negative, a duration may not.
void check_run(const Step& step, const StepRun& run) {
  step.for_each_growing([&run](const cost::Task& task, std::int64_t) {
    HOPSIM_CHECK(task.duration_ps + task.duration_slope_ps * run.first_offset >= 0 &&
                     task.duration_ps + task.duration_slope_ps * (run.first_offset + run.count - 1) >= 0,
                 "a kernel's duration is negative inside its window");
  });
}

// How often a step runs, and the sum of its offsets.
struct Runs {
  Wide count = 0, offsets = 0;
};

// Of all steps of one shape.
struct ShapeRuns {
  const FixedWork* work;
  Wide count = 0;
};

void add_fixed(const std::vector<ShapeRuns>& shapes, Totals& totals) {
  for (const ShapeRuns& shape : shapes) {
    totals.kernels += static_cast<std::int64_t>(shape.work->kernels * shape.count);
    totals.host_calls += static_cast<std::int64_t>(shape.work->host_calls * shape.count);
    for (std::size_t c = 0; c < kKernelClassCount; ++c) {
      totals.busy_ps[c] += shape.work->busy_ps[c] * shape.count;
      totals.energy_pj[c] += shape.work->energy_pj[c] * shape.count;
    }
  }
}

}  // namespace

Wide Totals::total_busy_ps() const { return std::accumulate(busy_ps.begin(), busy_ps.end(), Wide{0}); }
Wide Totals::total_energy_pj() const { return std::accumulate(energy_pj.begin(), energy_pj.end(), Wide{0}); }

void check(const Schedule& schedule) {
  for (std::size_t i = 0; i < schedule.hops.size(); ++i) {
    const Hop& hop = schedule.hops[i];
    HOPSIM_CHECK(hop.pause_ps >= 0, "a pause is negative");
    for (const std::size_t before : hop.after) {
      HOPSIM_CHECK(before < i, "a hop comes after a later hop");
    }
    for (const StepRun& run : hop.runs) {
      HOPSIM_CHECK(run.step < schedule.steps.size() && run.count >= 1 && run.first_offset >= 0,
                   "a run is out of range");
      check_run(schedule.steps[run.step], run);
    }
  }
  check_horizon(schedule);
}

void add_work(const Schedule& schedule, Totals& totals) {
  std::vector<Runs> runs(schedule.steps.size());
  for (const Hop& hop : schedule.hops) {
    for (const StepRun& run : hop.runs) {
      runs[run.step].count += run.count;
      runs[run.step].offsets += sum_of_offsets(run);
      totals.steps += run.count;
    }
  }
  std::vector<ShapeRuns> shapes;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const FixedWork* work = &schedule.steps[i].fixed_work();
    auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const auto& s) { return s.work == work; });
    if (shape == shapes.end()) {
      shape = shapes.insert(shapes.end(), {work, 0});
    }
    shape->count += runs[i].count;
    schedule.steps[i].for_each_growing([&](const cost::Task& task, std::int64_t times) {
      const auto cls = static_cast<std::size_t>(task.cls);
      totals.busy_ps[cls] +=
          (task.duration_ps * runs[i].count + task.duration_slope_ps * runs[i].offsets) * times;
      totals.energy_pj[cls] +=
          (task.energy_pj * runs[i].count + task.energy_slope_pj * runs[i].offsets) * times;
    });
  }
  add_fixed(shapes, totals);
}

}  // namespace hopsim::replay
