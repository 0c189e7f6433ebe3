// SPDX-License-Identifier: Apache-2.0
// Property: on random schedules the folded engine, SimGrid and the plain recurrence of replay/contract.hpp
// agree. The contract asks for 1e-9 relative; the ledgers are integers, so they are equal.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"

namespace hopsim::replay {
namespace {

using cost::CostedStep;
using cost::Task;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::int64_t upto(std::int64_t high) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high + 1));
  }
  bool chance(int percent) { return upto(99) < percent; }
  // Over five orders of magnitude, as kernels and dispatches are; sometimes nothing.
  std::int64_t duration() { return chance(5) ? 0 : std::int64_t{1} << upto(17) | upto(1000); }

  Task task() {
    Task out;
    out.cls = static_cast<KernelClass>(upto(kKernelClassCount - 1));
    const std::int64_t kind = upto(99);
    out.kind = kind < 60   ? Task::Kind::kLaunch
               : kind < 75 ? Task::Kind::kGraphNode
               : kind < 82 ? Task::Kind::kGraphLaunch
               : kind < 90 ? Task::Kind::kHostWork
                           : Task::Kind::kSync;
    out.dispatch_ps = out.kind == Task::Kind::kGraphNode ? 0 : duration();
    if (out.is_kernel()) {
      out.duration_ps = duration();
      out.energy_pj = upto(100000);
      if (chance(30)) {
        out.duration_slope_ps = upto(300);
        out.energy_slope_pj = upto(300);
      }
    }
    return out;
  }

  std::vector<Task> tasks(std::int64_t most) {
    std::vector<Task> out(static_cast<std::size_t>(upto(most)));
    std::generate(out.begin(), out.end(), [&] { return task(); });
    return out;
  }

  CostedStep step() {
    CostedStep out;
    out.prologue = tasks(4);
    out.layer = tasks(6);
    out.layers = upto(9);
    out.epilogue = tasks(3);
    if (chance(60) ||
        (out.prologue.empty() && out.epilogue.empty())) {  // most steps end in a synchronisation
      Task sync;
      sync.kind = Task::Kind::kSync;
      sync.dispatch_ps = duration();
      out.epilogue.push_back(sync);
    }
    out.launch_ps = chance(80) ? duration() : 0;
    return out;
  }

  Schedule schedule() {
    Schedule out;
    std::generate_n(std::back_inserter(out.steps), 1 + upto(3), [&] { return step(); });
    const std::int64_t hops = 1 + upto(5);
    for (std::int64_t i = 0; i < hops; ++i) {
      Hop hop;
      for (std::int64_t before = 0; before < i; ++before) {
        if (chance(40)) {
          hop.after.push_back(static_cast<std::size_t>(before));
        }
      }
      hop.pause_ps = chance(40) ? duration() * 50 : 0;
      const std::int64_t runs = upto(3);
      for (std::int64_t r = 0; r < runs; ++r) {
        hop.runs.push_back({static_cast<std::size_t>(upto(static_cast<std::int64_t>(out.steps.size()) - 1)),
                            upto(100), 1 + upto(60)});
      }
      out.hops.push_back(std::move(hop));
    }
    return out;
  }

 private:
  std::mt19937_64 random_;
};

// The recurrence, one action at a time.
class Plain {
 public:
  static Totals replay(const Schedule& schedule) {
    Plain plain(schedule);
    std::vector<std::int64_t> ends;
    for (const Hop& hop : schedule.hops) {
      std::int64_t start = plain.h_;
      for (const std::size_t before : hop.after) {
        start = std::max(start, ends[before] + schedule.hops[before].pause_ps);
      }
      plain.totals_.pause_ps += start - plain.h_;
      plain.h_ = start;
      for (const StepRun& run : hop.runs) {
        const CostedStep step = schedule.steps[run.step].costed();
        for (std::int64_t i = 0; i < run.count; ++i) {
          plain.run_step(step, run.first_offset + i);
        }
      }
      plain.h_ = std::max(plain.h_, plain.g_);
      ends.push_back(plain.h_);
    }
    plain.totals_.latency_ps = plain.h_;
    return plain.totals_;
  }

 private:
  explicit Plain(const Schedule&) {}

  void run_step(const CostedStep& step, std::int64_t x) {
    run_tasks(step.prologue, step.launch_ps, x);
    for (std::int64_t l = 0; l < step.layers; ++l) {
      run_tasks(step.layer, step.launch_ps, x);
    }
    run_tasks(step.epilogue, step.launch_ps, x);
    ++totals_.steps;
  }

  void run_tasks(const std::vector<Task>& tasks, std::int64_t lat, std::int64_t x) {
    for (const Task& task : tasks) {
      if (task.kind == Task::Kind::kSync) {
        h_ = std::max(h_, g_);
      }
      h_ += task.dispatch_ps;
      totals_.host_calls += task.kind == Task::Kind::kGraphNode ? 0 : 1;
      if (task.kind == Task::Kind::kLaunch || task.kind == Task::Kind::kGraphLaunch) {
        g_ = std::max(g_, h_ + lat);
      }
      if (task.is_kernel()) {
        const std::int64_t k = task.duration_ps + task.duration_slope_ps * x;
        g_ += k;
        ++totals_.kernels;
        totals_.busy_ps[static_cast<std::size_t>(task.cls)] += k;
        totals_.energy_pj[static_cast<std::size_t>(task.cls)] += task.energy_pj + task.energy_slope_pj * x;
      }
    }
  }

  std::int64_t h_ = 0, g_ = 0;
  Totals totals_;
};

TEST(Engines_agree, Folded_equals_the_plain_recurrence_on_4000_random_schedules) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const Schedule schedule = Draw(seed).schedule();
    ASSERT_EQ(FoldedEngine().replay(schedule), Plain::replay(schedule)) << "seed " << seed;
  }
}

TEST(Engines_agree, SimGrid_equals_folded_on_300_random_schedules) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Schedule schedule = Draw(seed).schedule();
    ASSERT_EQ(SimGridEngine().replay(schedule), FoldedEngine().replay(schedule)) << "seed " << seed;
  }
}

TEST(Engines_agree, Long_runs_equal_the_plain_recurrence) {
  for (std::uint64_t seed = 10'000; seed < 10'040; ++seed) {
    Schedule schedule = Draw(seed).schedule();
    for (Hop& hop : schedule.hops) {
      for (StepRun& run : hop.runs) {
        run.count *= 50;
      }
    }
    ASSERT_EQ(FoldedEngine().replay(schedule), Plain::replay(schedule)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hopsim::replay
