// SPDX-License-Identifier: Apache-2.0
// A made-up GPU: 1,000 GB/s, 100 TFLOPS in bf16, 10 SMs at 1 GHz, 300 W. With efficiency 1 and no fixed parts
//   1 MB takes 1 us, 100 Mflop take 1 us, 10,000 elements at 1 per SM and clock take 1 us.
#include "cost/kernel_cost.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hopsim::cost {
namespace {

using spec::KernelFamily;

auto gpu() -> spec::GpuSpec {
  spec::GpuSpec out;
  out.hbm_gb_s = 1000;
  out.peak_tflops["bf16"] = 100;
  out.sms = 10;
  out.boost_mhz = 1000;
  out.tdp_w = 300;
  out.power.active_idle_w = 50;
  out.power.busy_w = 20;
  out.power.pj_per_byte = 100;
  out.power.pj_per_flop = 1;
  out.power.pj_per_element = 1000;
  return out;
}

// Efficiencies 1, everything fixed 0.
auto family(const char* form) -> KernelFamily {
  KernelFamily out;
  out.form = form;
  out.tensor_peak = "bf16";
  for (const forms::Parameter& p : forms::find(form)->parameters) {
    const bool factor =
        p.name.ends_with("efficiency") || p.name.ends_with("speedup") || p.name.ends_with("clock");
    out.parameters[std::string(p.name)].value = factor ? 1 : 0;
  }
  return out;
}

auto work(double bytes, double flops, double elements, double m) -> KernelWork {
  KernelWork out;
  out.bytes = bytes;
  out.flops = flops;
  out.elements = elements;
  out.m = m;
  return out;
}

auto seconds(const KernelFamily& f, const KernelWork& w) -> double {
  const spec::GpuSpec made_up = gpu();
  return KernelTimer(f, made_up).seconds(w);
}

TEST(Kernel_timer, Memory_bound_time_is_bytes_over_bandwidth) {
  EXPECT_DOUBLE_EQ(seconds(family("stream"), work(1e6, 0, 0, 1)), 1e-6);
}

// A stack may run weights of another width on a family's kernel: 1e6 bytes, not the 2e6 + 4e3 of 16 bit.
TEST(Kernel_timer, Bytes_that_a_stack_states_hold_for_a_linear_layer) {
  KernelFamily f = family("gemm");
  f.format.emplace();
  KernelWork w = work(1e6, 0, 0, 1);
  w.n = w.k = 1000;
  EXPECT_NEAR(seconds(f, w), 1e-6, 1e-8);
  w.bytes = 0;  // not stated: the family's own
  EXPECT_NEAR(seconds(f, w), 2.004e-6, 1e-8);
}

TEST(Kernel_timer, Efficiency_fixed_time_and_half_size_enter_as_the_formula_says) {
  KernelFamily f = family("stream");
  f.parameters["bw_efficiency"].value = 0.5;
  f.parameters["t0_us"].value = 3;
  f.parameters["bw_half_kib"].value = 1e6 / 1024;
  EXPECT_DOUBLE_EQ(seconds(f, work(1e6, 0, 0, 1)), 3e-6 + 4e-6);
}

TEST(Kernel_timer, Equal_limits_join_by_the_smooth_maximum) {
  const KernelFamily gemm_family = family("gemm");
  const spec::GpuSpec made_up = gpu();
  const KernelTimer gemm(gemm_family, made_up);
  EXPECT_DOUBLE_EQ(gemm.seconds(work(0, 1e8, 0, 1)), 1e-6);
  EXPECT_NEAR(gemm.seconds(work(1e6, 1e8, 0, 1)), std::pow(2, 0.25) * 1e-6, 1e-15);
  EXPECT_NEAR(gemm.seconds(work(1e6, 1e9, 0, 1)), 10e-6, 1e-9);  // a tenth as much memory time is hardly seen
}

// 1e5 weights: 4 us of memory, 10 of conversion, 1 us of tensor cores a row.
TEST(Kernel_timer, A_fused_gemm_converts_each_weight_once_whatever_the_rows) {
  KernelFamily f = family("fused_gemm");
  f.parameters["t0_us"].value = 4;
  const auto at = [&](double rows) {
    KernelWork w = work(4e6, rows * 1e8, 0, rows);
    w.n = 1000;
    w.k = 100;
    return 1e6 * seconds(f, w) - 4;
  };
  EXPECT_NEAR(at(1), std::pow(std::pow(4, 4) + std::pow(10, 4) + 1, 0.25), 1e-9);
  EXPECT_NEAR(at(100), 100, 0.01);
  KernelWork unknown = work(4e6, 0, 0, 1);  // no sizes, no conversion
  EXPECT_NEAR(seconds(f, unknown), 8e-6, 1e-12);
}

TEST(Kernel_timer, Padding_and_small_work_lengthen_the_flop_time) {
  KernelFamily f = family("gemm");
  f.parameters["m_pad"].value = 16;
  EXPECT_NEAR(seconds(f, work(0, 1e8, 0, 1)), 17e-6, 1e-12);
  EXPECT_NEAR(seconds(f, work(0, 1e8, 0, 16)), 2e-6, 1e-12);
  f.parameters["m_pad"].value = 0;
  f.parameters["flop_half_mflop"].value = 100;
  EXPECT_NEAR(seconds(f, work(0, 1e8, 0, 1)), 2e-6, 1e-12);
}

TEST(Kernel_timer, A_gemm_never_gets_faster_with_more_rows) {
  KernelFamily f = family("gemm");
  f.parameters["m_pad"].value = 130;
  f.parameters["flop_half_mflop"].value = 260;
  const KernelFamily gemm_family = f;
  const spec::GpuSpec made_up = gpu();
  const KernelTimer gemm(gemm_family, made_up);
  for (double rows = 1; rows < 1000; ++rows) {
    EXPECT_GT(gemm.seconds(work(1e6 + rows, 1e8 * (rows + 1), 0, rows + 1)),
              gemm.seconds(work(1e6 + rows, 1e8 * rows, 0, rows)));
  }
}

TEST(Kernel_timer, Casting_is_limited_by_elements_where_bandwidth_is_ample) {
  const KernelFamily cast_family = family("cast");
  const spec::GpuSpec made_up = gpu();
  const KernelTimer cast(cast_family, made_up);
  EXPECT_DOUBLE_EQ(cast.seconds(work(0, 0, 1e4, 1)), 1e-6);
}

TEST(Kernel_timer, Never_falls_with_more_work) {
  KernelFamily f = family("gemm");
  f.parameters["t0_us"].value = 2;
  f.parameters["m_pad"].value = 3;
  f.parameters["flop_half_mflop"].value = 5;
  const KernelFamily gemm_family = f;
  const spec::GpuSpec made_up = gpu();
  const KernelTimer gemm(gemm_family, made_up);
  double before = 0;
  for (double bytes = 1; bytes < 1e12; bytes *= 3) {
    const double t = gemm.seconds(work(bytes, 2 * bytes, 0, 8));
    EXPECT_GT(t, before);
    before = t;
  }
}

TEST(Kernel_power, Adds_idle_busy_bytes_flops_and_elements_and_stops_at_the_board_limit) {
  // 1 MB and 10 Mflop in 1 us: 1e12 B/s * 100 pJ = 100 W, 1e13 flop/s * 1 pJ = 10 W; 50,000 elements: 50 W.
  EXPECT_DOUBLE_EQ(kernel_power_w(gpu(), 1e6, 1e7, 0, 1e-6), 50 + 20 + 100 + 10);
  EXPECT_DOUBLE_EQ(kernel_power_w(gpu(), 1e6, 1e7, 5e4, 1e-6), 50 + 20 + 100 + 10 + 50);
  EXPECT_DOUBLE_EQ(kernel_power_w(gpu(), 1e6, 1e7, 1e6, 1e-6), 300);
}

}  // namespace
}  // namespace hopsim::cost
