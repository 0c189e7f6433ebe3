// SPDX-License-Identifier: Apache-2.0
// One thread, one stream, times in ns:
//   call 1 [0, 10)    kernel 1 [20, 50)
//   call 2 [20, 30)   kernel 2 [52, 60)    queued behind kernel 1
//   cudaStreamSynchronize [31, 62)         released by kernel 2
//   call 3 [80, 90)   kernel 3 [95, 120)
// Back from 120: kernel 3 25, its launch 15, host 60 to 80, kernel 2 8, gap 2, kernel 1 30, its launch 20.
// Sum 120.
#include "trace/critical_path.hpp"

#include <gtest/gtest.h>

namespace hopsim::trace {
namespace {

TEST(CriticalPath, Its_parts_add_up_to_the_time_from_first_cause_to_last_end) {
  Trace t;
  t.names = {"cudaLaunchKernel", "cudaStreamSynchronize", "k"};
  t.calls = {{0, 10, 1, 1, 0}, {20, 10, 1, 2, 0}, {31, 31, 1, 9, 1}, {80, 10, 1, 3, 0}};
  const std::int64_t kernels[3][2] = {{20, 30}, {52, 8}, {95, 25}};
  for (std::int64_t i = 0; i < 3; ++i) {
    Kernel k;
    k.start_ns = kernels[i][0];
    k.duration_ns = kernels[i][1];
    k.correlation = i + 1;
    k.name_id = 2;
    t.kernels.push_back(k);
  }
  const CriticalPath p = critical_path(t);
  EXPECT_EQ(p.operations, 3);
  EXPECT_NEAR(p.kernels_s, 63e-9, 1e-15);
  EXPECT_NEAR(p.device_gap_s, 2e-9, 1e-15);
  EXPECT_NEAR(p.launch_s, 35e-9, 1e-15);
  EXPECT_NEAR(p.host_s, 20e-9, 1e-15);
}

TEST(CriticalPath, An_empty_trace_has_none) { EXPECT_EQ(critical_path(Trace{}).operations, 0); }

}  // namespace
}  // namespace hopsim::trace
