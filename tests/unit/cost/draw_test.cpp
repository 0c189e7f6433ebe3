// SPDX-License-Identifier: Apache-2.0
#include "cost/draw.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cost/kernel_cost.hpp"

namespace hopsim::cost {
namespace {

auto gpu() -> spec::GpuSpec {
  spec::GpuSpec out;
  out.name = "made-up";
  out.hbm_gb_s = 1000;
  out.sms = 10;
  out.boost_mhz = 1000;
  out.power.source.kind = Provenance::kFitted;
  out.power.active_idle_w = 50;
  spec::KernelFamily family;
  family.form = "cast";
  family.parameters = {{"t0_us", {0, {}}},
                       {"bw_efficiency", {1, {}}},
                       {"bw_half_kib", {0, {}}},
                       {"alu_per_sm_clock", {1, {}}}};
  family.free = {{"alu_per_sm_clock", {1, 4}}};
  out.families["cast"] = family;
  return out;
}

TEST(Draw, Is_standard_normal_and_uniform) {
  constexpr int kDraws = 4000;
  double sum = 0;
  double squares = 0;
  double uniforms = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const Draw draw(7, i);
    sum += draw.normal("a");
    squares += draw.normal("a") * draw.normal("a");
    uniforms += draw.uniform("a");
  }
  EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 4 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(uniforms / kDraws, 0.5, 4 / std::sqrt(12.0 * kDraws));
}

TEST(Draw, Depends_on_seed_index_and_name_alone) {
  const Draw draw(7, 3);
  const double first = draw.normal("a");
  static_cast<void>(draw.normal("b"));
  EXPECT_EQ(draw.normal("a"), first);
  EXPECT_EQ(Draw(7, 3).normal("a"), first);
  EXPECT_NE(Draw(7, 3).normal("b"), first);
  EXPECT_NE(Draw(7, 4).normal("a"), first);
  EXPECT_NE(Draw(8, 3).normal("a"), first);
}

TEST(Draw, Keeps_a_free_parameter_between_its_ends_and_reaches_both) {
  double lowest = 4;
  double highest = 1;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const double rate = drawn(gpu(), Draw(1, i)).families.at("cast").parameter("alu_per_sm_clock");
    lowest = std::min(lowest, rate);
    highest = std::max(highest, rate);
  }
  EXPECT_TRUE(lowest >= 1 && lowest < 1.1) << lowest;
  EXPECT_TRUE(highest <= 4 && highest > 3.6) << highest;
}

TEST(Draw, Stretches_all_kernels_of_a_family_by_one_factor) {
  spec::GpuSpec machine = gpu();
  KernelWork work;
  work.bytes = 1e6;
  const double stated = KernelTimer(machine.families.at("cast"), machine).seconds(work);
  machine.families.at("cast").deviation = kNormal90;
  const double stretched = KernelTimer(machine.families.at("cast"), machine).seconds(work);
  EXPECT_NEAR(stretched / stated, std::exp(kAssumedError90), 1e-12);
}

TEST(Draw, Leaves_specifications_alone_and_scales_each_power_parameter) {
  const spec::GpuSpec one = drawn(gpu(), Draw(1, 0));
  EXPECT_EQ(one.hbm_gb_s, 1000);
  EXPECT_EQ(one.sms, 10);
  EXPECT_NEAR(one.power.active_idle_w,
              50 * Draw(1, 0).factor("gpu/made-up/power/active_idle_w", kFittedPower90), 1e-12);
}

TEST(Draw, Of_dispatch_is_for_low_precision_only_and_set_from_the_original) {
  spec::StackSpec stack;
  stack.name = "mine";
  EXPECT_EQ(dispatch_factor(stack, Draw(1, 0)), 1);
  stack.bits = 4;
  EXPECT_NE(dispatch_factor(stack, Draw(1, 0)), 1);
  spec::StackCall call;
  call.dispatch_us = 10;
  stack.linears["block"] = {{std::nullopt, {call}}};
  spec::StackSpec copy = stack;
  set_linear_dispatch(stack, 3, copy);
  set_linear_dispatch(stack, 2, copy);
  EXPECT_EQ(copy.linears.at("block")[0].calls[0].dispatch_us, 20);
}

TEST(Common_error, Is_the_median_of_the_regions_with_transfer_and_octaves) {
  spec::KernelFamily family;
  family.error90_permille.assign(kRegionCount, 100);
  family.error90_permille[3] = 4000;  // one wild region
  family.measured = {{"m", {1, 64}}};
  KernelWork work;
  work.m = 8;
  EXPECT_DOUBLE_EQ(CommonError(family).at(work), 0.1);
  work.m = 256;
  EXPECT_DOUBLE_EQ(CommonError(family).at(work), std::hypot(0.1, 2 * kPerOctave));
  family.source.kind = Provenance::kBorrowed;
  family.transfer_error90 = 0.3;
  work.m = 8;
  EXPECT_DOUBLE_EQ(CommonError(family).at(work), std::hypot(0.1, 0.3));
}

TEST(Common_error, Without_regions_is_that_of_held_out_rows_or_assumed) {
  spec::KernelFamily family;
  EXPECT_DOUBLE_EQ(CommonError(family).at({}), kAssumedError90);
  family.rows = 20;
  family.p90_ape = 0.25;
  EXPECT_DOUBLE_EQ(CommonError(family).at({}), std::log(1.25));
}

}  // namespace
}  // namespace hopsim::cost
