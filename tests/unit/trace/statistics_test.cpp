// SPDX-License-Identifier: Apache-2.0
// One thread, one stream, times in ns:
//   call 1 [0, 10)   kernel 1 [20, 50)
//   call 2 [20, 30)  kernel 2 [50, 60)     waits 20 in the queue
//   call 3 [80, 100) kernel 3 [110, 120)
// span 120, busy 50, occupied (queued or busy) [10, 60) and [100, 120) = 70, so host-bound 50 / 120.
#include "trace/statistics.hpp"

#include <gtest/gtest.h>

namespace hopsim::trace {
namespace {

Trace sample() {
  Trace t;
  t.names = {"gemm", "quant", "cudaLaunchKernel"};
  const std::int64_t calls[3][2] = {{0, 10}, {20, 10}, {80, 20}};
  const std::int64_t kernels[3][2] = {{20, 30}, {50, 10}, {110, 10}};
  for (std::int64_t i = 0; i < 3; ++i) {
    t.calls.push_back({calls[i][0], calls[i][1], 1, i, 2});
    Kernel k;
    k.start_ns = kernels[i][0];
    k.duration_ns = kernels[i][1];
    k.correlation = i;
    k.name_id = i == 1 ? 1 : 0;
    k.cls = i == 1 ? KernelClass::kQuant : KernelClass::kGemm;
    t.kernels.push_back(k);
  }
  return t;
}

TEST(Statistics, Span_busy_and_host_bound_are_those_of_the_example) {
  const Statistics s = summarise(sample());
  EXPECT_DOUBLE_EQ(s.span_s, 120e-9);
  EXPECT_DOUBLE_EQ(s.busy_s, 50e-9);
  EXPECT_NEAR(s.host_bound_fraction, 50.0 / 120, 1e-12);
  EXPECT_DOUBLE_EQ(s.cor_kernel, 0.25);
  EXPECT_EQ(s.queue_depth_max, 1);
  EXPECT_NEAR(s.queue_depth_mean, (10 + 20 + 10) / 120.0, 1e-12);
  EXPECT_DOUBLE_EQ(s.launch_to_start.median_us, 0.030);
  EXPECT_EQ(s.calls.at(0).launches, 3);
  EXPECT_EQ(s.classes.at(0).cls, KernelClass::kGemm);
  EXPECT_NEAR(s.classes.at(0).gap_s, 50e-9, 1e-15);
}

TEST(Statistics, Time_of_casting_kernels_beside_other_work_is_overlap) {
  Trace t = sample();
  t.kernels[1].start_ns = 40;  // [40, 50) of the other stream beside kernel 1
  t.kernels[1].stream = 9;
  EXPECT_NEAR(summarise(t).casting_overlap_s, 10e-9, 1e-15);
}

TEST(Statistics, Two_devices_share_a_span) {
  Trace t = sample();
  t.kernels[2].device = 1;
  const Statistics s = summarise(t);
  EXPECT_EQ(s.devices, 2);
  EXPECT_NEAR(s.busy_s, 25e-9, 1e-15);  // (40 + 10) / 2
}

TEST(Statistics, An_empty_trace_has_zeros) {
  const Statistics s = summarise(Trace{});
  EXPECT_EQ(s.span_s, 0);
  EXPECT_EQ(s.host_bound_fraction, 0);
}

}  // namespace
}  // namespace hopsim::trace
