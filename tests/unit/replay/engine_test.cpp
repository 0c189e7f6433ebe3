// SPDX-License-Identifier: Apache-2.0
// Schedules whose totals are known by hand. d dispatch, k kernel, lat launch latency, all in picoseconds.
// Each runs on both engines.
#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "replay/build.hpp"
#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"
#include "spec/catalog.hpp"

namespace hopsim::replay {
namespace {

using cost::CostedStep;
using cost::Task;

auto launch(std::int64_t d, std::int64_t k, std::int64_t slope = 0) -> Task {
  return {Task::Kind::kLaunch, KernelClass::kGemm, d, k, slope, 3 * k, 3 * slope};
}
auto node(std::int64_t k) -> Task { return {Task::Kind::kGraphNode, KernelClass::kNorm, 0, k, 0, k, 0}; }
auto graph(std::int64_t d) -> Task { return {Task::Kind::kGraphLaunch, KernelClass::kOther, d, 0, 0, 0, 0}; }
auto sync(std::int64_t d) -> Task { return {Task::Kind::kSync, KernelClass::kSync, d, 0, 0, 0, 0}; }

auto one_hop(CostedStep step, std::int64_t count) -> Schedule {
  Schedule out;
  out.steps.push_back(std::move(step));
  out.hops.push_back({{}, 0, {{0, 0, count}}});
  return out;
}

class Engines : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static Totals replay(const Schedule& schedule) {
    if (std::string(GetParam()) == "folded") {
      return FoldedEngine().replay(schedule);
    }
    return SimGridEngine().replay(schedule);
  }
};

TEST_P(Engines, A_host_bound_layer_takes_the_time_of_its_dispatches) {
  // 100 layers of d = 1000 > k = 300, lat = 50: the first kernel starts at 1050, the last at 100 * 1000 + 50.
  const Totals t = replay(one_hop({{}, {launch(1000, 300)}, 100, {}, 50}, 1));
  EXPECT_EQ(t.latency_ps, 100 * 1000 + 50 + 300);
  EXPECT_EQ(static_cast<std::int64_t>(t.total_busy_ps()), 100 * 300);
  EXPECT_EQ(static_cast<std::int64_t>(t.idle_ps()), 1050 + 99 * 700);
  EXPECT_EQ(t.kernels, 100);
}

TEST_P(Engines, A_gpu_bound_layer_takes_the_time_of_its_kernels) {
  const Totals t = replay(one_hop({{}, {launch(300, 1000)}, 100, {}, 50}, 1));
  EXPECT_EQ(t.latency_ps, 300 + 50 + 100 * 1000);
}

TEST_P(Engines, A_synchronisation_drains_the_stream_before_the_host_goes_on) {
  // Each step: dispatch 10, latency 5, kernel 100, return 7; steps can't overlap.
  const Totals t = replay(one_hop({{}, {launch(10, 100)}, 1, {sync(7)}, 5}, 20));
  EXPECT_EQ(t.latency_ps, 20 * (10 + 5 + 100 + 7));
  EXPECT_EQ(t.host_calls, 40);
}

TEST_P(Engines, Graph_nodes_run_back_to_back_after_one_launch) {
  const Totals t = replay(one_hop({{graph(20)}, {node(30), node(40)}, 50, {sync(0)}, 5}, 3));
  EXPECT_EQ(t.latency_ps, 3 * (20 + 5 + 50 * 70));
  EXPECT_EQ(t.kernels, 3 * 100);
  EXPECT_EQ(t.host_calls, 3 * 2);
}

TEST_P(Engines, Kernels_that_grow_with_the_context_sum_as_a_series) {
  // k = 100 + 2 x for x = 0 .. 999, d = 10, no latency, return 0: the sum of 110 + 2 x.
  const Totals t = replay(one_hop({{}, {launch(10, 100, 2)}, 1, {sync(0)}, 0}, 1000));
  EXPECT_EQ(t.latency_ps, 1000 * 110 + 999 * 1000);
  EXPECT_EQ(static_cast<std::int64_t>(t.energy_pj[static_cast<std::size_t>(KernelClass::kGemm)]),
            3 * (100 * 1000 + 999 * 1000));
}

TEST_P(Engines, A_step_turns_from_host_bound_to_gpu_bound_where_its_kernels_grow_past_the_dispatch) {
  // One step: two launches of d = 500, kernels 100 + x each. Host-bound while 100 + x <= 500:
  //   T = 1000 + (100 + x) for x <= 400, then 500 + 2 (100 + x).
  std::int64_t expected = 0;
  for (std::int64_t x = 0; x < 1000; ++x) {
    expected += x <= 400 ? 1100 + x : 700 + 2 * x;
  }
  EXPECT_EQ(replay(one_hop({{}, {launch(500, 100, 1)}, 2, {sync(0)}, 0}, 1000)).latency_ps, expected);
}

TEST_P(Engines, A_pause_delays_what_comes_after_it_and_nothing_else) {
  // a (100) pauses 1000; b after a; c after nothing, runs while a pauses: a, c, then wait, then b.
  Schedule s;
  s.steps.push_back(CostedStep{{launch(10, 90)}, {}, 0, {}, 0});
  s.hops.push_back({{}, 1000, {{0, 0, 1}}});
  s.hops.push_back({{}, 0, {{0, 0, 1}}});
  s.hops.push_back({{0}, 0, {{0, 0, 1}}});
  const Totals t = replay(s);
  EXPECT_EQ(t.latency_ps, 100 + 1000 + 100);
  EXPECT_EQ(t.pause_ps, 1000 - 100);
}

TEST_P(Engines, An_asynchronous_step_lets_the_host_run_ahead_into_the_next) {
  const Totals t = replay(one_hop({{}, {launch(10, 100)}, 1, {}, 0}, 50));
  EXPECT_EQ(t.latency_ps, 10 + 50 * 100);
}

TEST_P(Engines, Zero_times_are_allowed) {
  const Totals t = replay(one_hop({{graph(0)}, {node(0), launch(0, 0)}, 3, {sync(0)}, 0}, 2));
  EXPECT_EQ(t.latency_ps, 0);
  EXPECT_EQ(t.kernels, 12);
}

TEST_P(Engines, Refuses_a_schedule_that_breaks_the_contract) {
  EXPECT_THROW(static_cast<void>(replay(one_hop({{}, {launch(-1, 5)}, 1, {}, 0}, 1))), InternalError);
  EXPECT_THROW(static_cast<void>(replay(one_hop({{}, {launch(1, 5, -1)}, 1, {}, 0}, 10))), InternalError);
  EXPECT_THROW(static_cast<void>(replay(one_hop({{}, {}, 1, {}, 0}, 1))), InternalError);
}

TEST_P(Engines, Refuse_a_chain_that_64_bit_picoseconds_can_t_hold) {
  Schedule s = one_hop({{launch(10, 90)}, {}, 0, {}, 0}, 1);
  s.hops[0].pause_ps = 1'000'000'000'000'000'000;
  s.hops.push_back(s.hops[0]);
  s.hops.push_back(s.hops[0]);
  EXPECT_THROW(static_cast<void>(replay(s)), InputError);
}

INSTANTIATE_TEST_SUITE_P(Both, Engines, testing::Values("folded", "simgrid"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace hopsim::replay
