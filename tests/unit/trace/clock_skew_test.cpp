// SPDX-License-Identifier: Apache-2.0
// A host launches a kernel every 200 us onto an idle device, and each really starts 5 us after its call. The
// device's clock is off by skew(t), so the capture says call + 5 us + skew. Corrected, it must say call + 5
// us again.
#include "trace/clock_skew.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"

namespace hopsim::trace {
namespace {

template <class Skew>
Trace capture(Skew skew) {
  Trace t;
  for (std::int64_t i = 0; i < 100; ++i) {
    const std::int64_t start = 1'000'000 + i * 200'000;
    t.calls.push_back({start, 4000, 1, i, 0});
    Kernel k;
    k.start_ns = start + 5000 + skew(start);
    k.duration_ns = 6000;
    k.correlation = i;
    t.kernels.push_back(k);
  }
  return t;
}

void expect_right(const Trace& t, std::int64_t tolerance_ns) {
  for (std::size_t i = 0; i < t.kernels.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(t.kernels[i].start_ns - t.calls[i].start_ns), 5000,
                static_cast<double>(tolerance_ns))
        << i;
  }
}

TEST(ClockSkew, A_right_clock_is_left_alone) {
  Trace t = capture([](std::int64_t) { return 0; });
  Quality q;
  correct_clocks(t, q, "t.json");
  EXPECT_TRUE(q.counts().empty());
  EXPECT_EQ(t.kernels[50].start_ns, t.calls[50].start_ns + 5000);
}

TEST(ClockSkew, A_constant_error_is_taken_out) {
  Trace t = capture([](std::int64_t) { return -90'000; });
  Quality q;
  correct_clocks(t, q, "t.json");
  expect_right(t, 1);
  EXPECT_EQ(q.counts().at(0).name, "clock_corrected");
  EXPECT_EQ(q.counts().at(0).count, 100);
}

TEST(ClockSkew, A_drift_that_bends_is_taken_out) {
  Trace t = capture(
      [](std::int64_t t_ns) { return t_ns < 4'000'000 ? -t_ns / 50 : -80'000 - (t_ns - 4'000'000) / 1000; });
  Quality q;
  correct_clocks(t, q, "t.json");
  expect_right(t, 10);
}

TEST(ClockSkew, One_kernel_before_its_launch_is_counted_and_left) {
  Trace t = capture([](std::int64_t) { return 0; });
  t.kernels[3].start_ns = t.calls[3].start_ns - 100;
  Quality q;
  correct_clocks(t, q, "t.json");
  EXPECT_EQ(q.counts().at(0).name, "kernel_before_launch");
  EXPECT_EQ(t.kernels[4].start_ns, t.calls[4].start_ns + 5000);
}

TEST(ClockSkew, Clocks_far_apart_are_refused) {
  Trace t = capture([](std::int64_t) { return -20'000'000; });
  Quality q;
  const std::string message = hopsim::test::input_error([&] { correct_clocks(t, q, "t.json"); });
  EXPECT_NE(message.find("t.json: 100 of 100 launches"), std::string::npos);
  EXPECT_NE(message.find("too far apart"), std::string::npos);
}

}  // namespace
}  // namespace hopsim::trace
