// SPDX-License-Identifier: Apache-2.0
// By hand: 4 s, of which 1 s pauses, 2 s of kernels with 500 J and 1 s of gaps; 40 W between kernels, 30 W in
// a pause: 500 + 40 + 30 = 570 J for two chains.
#include "metrics/performance.hpp"

#include <gtest/gtest.h>

namespace hopsim::metrics {
namespace {

auto totals() -> replay::Totals {
  replay::Totals out;
  out.latency_ps = 4'000'000'000'000;
  out.pause_ps = 1'000'000'000'000;
  out.busy_ps[0] = 2'000'000'000'000;
  out.energy_pj[0] = 500'000'000'000'000;
  return out;
}

auto gpu() -> spec::GpuSpec {
  spec::GpuSpec out;
  out.power.loaded_idle_w = 30;
  out.power.active_idle_w = 40;
  return out;
}

auto chain() -> spec::ChainSpec {
  spec::ChainSpec out = spec::line_chain(2, 100, 0, 10, 1);
  out.accuracy_16bit = 0.5;
  return out;
}

TEST(Performance, A_pause_counts_in_time_and_at_idle_power) {
  const Performance p = performance(totals(), gpu(), chain(), 2, {0.8, 1});
  EXPECT_DOUBLE_EQ(p.energy_j, 570);
  EXPECT_DOUBLE_EQ(p.latency_s, 4);
  EXPECT_DOUBLE_EQ(p.pause_s, 1);
  EXPECT_DOUBLE_EQ(p.host_bound_fraction, 1.0 / 3);
}

TEST(Performance, A_right_answer_costs_a_chain_over_the_share_of_right_ones) {
  const Performance p = performance(totals(), gpu(), chain(), 2, {0.8, 1});
  EXPECT_DOUBLE_EQ(p.accuracy, 0.4);
  EXPECT_DOUBLE_EQ(p.j_per_correct, 570.0 / 2 / 0.4);
  EXPECT_DOUBLE_EQ(p.s_per_correct, 4.0 / 2 / 0.4);
}

TEST(Performance, Says_nothing_of_right_answers_where_the_accuracy_is_unknown) {
  const Performance p = performance(totals(), gpu(), chain(), 2, {{}, 1});
  EXPECT_FALSE(p.accuracy_known());
  EXPECT_EQ(p.j_per_correct, 0);
  EXPECT_EQ(p.s_per_correct, 0);
  EXPECT_DOUBLE_EQ(p.energy_j, 570);
}

}  // namespace
}  // namespace hopsim::metrics
