// SPDX-License-Identifier: Apache-2.0
// What-ifs on one host-bound trace: launches [0,5], [20,25], [40,45], kernels [8,10], [28,30] (dequant),
// [48,50], synchronisation [60,62], which nothing blocks. Times in us.
#include "replay/captured/what_if.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "replay/captured/chrome_trace.hpp"
#include "replay/captured/timeline.hpp"
#include "support/chrome_trace.hpp"
#include "unit/replay_captured/traces.hpp"

namespace hopsim::replay::captured {
namespace {

auto host_bound() -> trace::Trace {
  test::TraceBuilder t;
  t.kernel(t.call("cudaLaunchKernel", 0, 5), 8, 2);
  t.kernel(t.call("cudaLaunchKernel", 20, 5), 28, 2, 7, KernelClass::kDequant);
  t.kernel(t.call("cudaLaunchKernel", 40, 5), 48, 2);
  t.call("cudaDeviceSynchronize", 60, 2);
  return t.trace();
}

auto end_us(const Program& program) -> std::int64_t {
  const Timeline times = run_folded(program);
  return *std::max_element(times.begin(), times.end()) / 1000;
}

TEST(CapturedWhatIf, Nothing_changed_is_the_capture) { EXPECT_EQ(end_us(build_program(host_bound())), 62); }

TEST(CapturedWhatIf, A_host_of_half_the_speed_takes_twice_as_long) {
  EXPECT_EQ(end_us(with_host_speed(build_program(host_bound()), 0.5)), 124);
}

// The second launch [20,25] and the 15 of host work before it are gone: 62 - 20.
TEST(CapturedWhatIf, Without_a_class_its_launches_cost_nothing_either) {
  EXPECT_EQ(end_us(without_class(build_program(host_bound()), KernelClass::kDequant)), 42);
}

// One launch [0,5]; the others and the work between are gone; then 15 of work and the synchronisation's
// 2: 22.
TEST(CapturedWhatIf, A_graph_needs_one_launch) {
  EXPECT_EQ(end_us(with_graphs(build_program(host_bound()))), 22);
}

TEST(CapturedWhatIf, A_host_speed_out_of_range_is_refused) {
  const Program program = build_program(host_bound());
  EXPECT_THROW((void)with_host_speed(program, 0), InputError);
  EXPECT_THROW((void)with_host_speed(program, -1), InputError);
  EXPECT_THROW((void)with_host_speed(program, 1e9), InputError);
}

auto chrome_trace_of(const trace::Trace& trace) -> test::ChromeTrace {
  const Program program = build_program(trace);
  return test::ChromeTrace(chrome_trace(trace, program, run_folded(program)));
}

TEST(ChromeTrace, Holds_both_timelines_as_processes) {
  const test::ChromeTrace t = chrome_trace_of(host_bound());
  t.expect_sound();
  for (const int process : {1, 2}) {
    EXPECT_EQ(t.slices(process, "call").size(), 4U);
    EXPECT_EQ(t.slices(process, "gemm").size(), 2U);
    ASSERT_EQ(t.slices(process, "dequant").size(), 1U);
    EXPECT_EQ(t.slices(process, "dequant")[0]["cname"], "terrible");
    EXPECT_EQ(t.counter(process, "queue depth GPU 0"), (std::vector<double>{1, 0, 1, 0, 1, 0}));
  }
}

// [0,25] around the first call and [18,50] around the others, in which [38,46] holds the third launch.
TEST(ChromeTrace, Ranges_span_their_calls_and_nest) {
  trace::Trace trace = host_bound();
  const auto inner = static_cast<std::int64_t>(trace.names.size());
  trace.names.insert(trace.names.end(), {"inner", "outer"});
  trace.ranges = {{0, 10'000, inner, 1}, {18'000, 52'000, inner + 1, 1}, {38'000, 8'000, inner, 1, 1}};
  const test::ChromeTrace t = chrome_trace_of(trace);
  t.expect_sound();
  const auto ranges = t.slices(1, "range");
  ASSERT_EQ(ranges.size(), 3U);
  EXPECT_EQ(ranges[1]["ts"], 20);
  EXPECT_EQ(ranges[1]["dur"], 42);  // to the end of the synchronisation
  EXPECT_EQ(ranges[2]["ts"], 40);
  EXPECT_EQ(ranges[2]["dur"], 5);
  EXPECT_EQ(t.slices(2, "range").size(), 3U);
}

// Two kernels of one stream that overlap: the second has a row of its own.
TEST(ChromeTrace, What_overlaps_in_a_stream_gets_another_row) {
  test::TraceBuilder builder;
  builder.kernel(builder.call("cudaLaunchKernel", 0, 5), 8, 10);
  builder.kernel(builder.call("cudaLaunchKernel", 6, 5), 12, 10);
  const test::ChromeTrace t = chrome_trace_of(builder.trace());
  t.expect_sound();
  EXPECT_EQ(t.slices(1, "gemm").size(), 2U);
}

}  // namespace
}  // namespace hopsim::replay::captured
