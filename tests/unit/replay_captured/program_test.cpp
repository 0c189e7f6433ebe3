// SPDX-License-Identifier: Apache-2.0
// Rules of the replay, one small trace each. Times in us: a call [begin, end], a kernel [start, end].
#include "replay/captured/program.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "replay/captured/timeline.hpp"
#include "replay/captured/what_if.hpp"
#include "unit/replay_captured/traces.hpp"

namespace hopsim::replay::captured {
namespace {

using test::TraceBuilder;

auto end_us(const Program& program) -> std::int64_t {
  const Timeline times = run_folded(program);
  return *std::max_element(times.begin(), times.end()) / 1000;
}

auto replayed(const Program& program) -> ReplayResult {
  return judge(program, run_folded(program), "folded");
}

auto decided(const ReplayResult& result, Rule rule) -> std::int64_t {
  return result.rules[static_cast<std::size_t>(rule)].count;
}

auto scaled(const Program& program, std::int64_t factor) -> Program {
  std::vector<std::int64_t> durations;
  for (const Op& op : program.ops) {
    durations.push_back(op.duration_ns() * factor);
  }
  return with_durations(program, durations);
}

// Launches [0,5] and [10,15]; kernels [8,108] and [109,209] (latency 3 after the call, gap 1);
// synchronisation [20,212] returns 3 after the work. Kernels twice as long: start 8, end 208, start 209, end
// 409, return 412.
auto two_kernels() -> TraceBuilder {
  TraceBuilder t;
  t.kernel(t.call("cudaLaunchKernel", 0, 5), 8, 100);
  t.kernel(t.call("cudaLaunchKernel", 10, 5), 109, 100);
  t.call("cudaDeviceSynchronize", 20, 192);
  return t;
}

TEST(CapturedProgram, Blocking_of_a_synchronisation_is_a_result) {
  TraceBuilder t = two_kernels();
  const Program program = build_program(t.trace());
  EXPECT_EQ(end_us(program), 212);
  EXPECT_EQ(end_us(scaled(program, 2)), 412);
  const ReplayResult result = replayed(program);
  EXPECT_EQ(decided(result, Rule::kSync), 1);
  EXPECT_EQ(result.idle_measured_ns, 12'000);
  EXPECT_EQ(result.idle_simulated_ns, 12'000);
}

TEST(CapturedProgram, A_faster_host_does_not_speed_up_the_device) {
  TraceBuilder t = two_kernels();
  // Launch [0,2.5], start 5.5, end 105.5, 206.5, return 209.5.
  const Timeline times = run_folded(with_host_speed(build_program(t.trace()), 2));
  EXPECT_EQ(*std::max_element(times.begin(), times.end()), 209'500);
}

TEST(CapturedProgram, Shares_of_the_rules_add_up_to_the_span) {
  TraceBuilder t = two_kernels();
  const ReplayResult result = replayed(build_program(t.trace()));
  std::int64_t sum = 0;
  for (const RuleShare& share : result.rules) {
    sum += share.on_path_ns;
  }
  EXPECT_EQ(sum, result.simulated_ns);
}

// Copy call [0,50] of a pageable copy [10,48]: it returns 2 after its copy. Twice as long a copy: [10,86],
// end 88.
TEST(CapturedProgram, A_pageable_copy_blocks_until_it_has_ended) {
  TraceBuilder t;
  t.copy(t.call("cudaMemcpyAsync", 0, 50), 10, 38, true);
  EXPECT_EQ(end_us(scaled(build_program(t.trace()), 2)), 88);
}

// The same copy from pinned memory: the call keeps its 50, the copy ends at 86.
TEST(CapturedProgram, A_copy_from_pinned_memory_does_not_block) {
  TraceBuilder t;
  t.copy(t.call("cudaMemcpyAsync", 0, 50), 10, 38, false);
  const Program program = build_program(t.trace());
  EXPECT_EQ(end_us(program), 50);
  EXPECT_EQ(end_us(scaled(program, 2)), 86);
}

// Kernels [0,40] and [41,81] were launched before the capture; synchronisation [5,84].
TEST(CapturedProgram, Work_launched_before_the_capture_runs_in_stream_order) {
  TraceBuilder t;
  t.kernel(900, 0, 40);
  t.kernel(901, 41, 40);
  t.call("cudaDeviceSynchronize", 5, 79);
  const Program program = build_program(t.trace());
  EXPECT_EQ(end_us(program), 84);
  EXPECT_EQ(end_us(scaled(program, 2)), 164);  // 0, 80, 81, 161, 164
  EXPECT_EQ(decided(replayed(program), Rule::kInFlight), 1);
}

// Stream 7: kernel [8,108]; stream 9: kernel launched at [10,15] but started at 110, 2 after the other one's
// end.
auto two_streams() -> TraceBuilder {
  TraceBuilder t;
  t.kernel(t.call("cudaLaunchKernel", 0, 5), 8, 100, 7);
  t.kernel(t.call("cudaLaunchKernel", 10, 5), 110, 10, 9);
  return t;
}

TEST(CapturedProgram, A_late_start_right_after_another_stream_is_an_inferred_wait) {
  TraceBuilder t = two_streams();
  const Program program = build_program(t.trace());
  EXPECT_EQ(end_us(scaled(program, 2)), 230);  // 8, 208, 210, 230
  EXPECT_EQ(decided(replayed(program), Rule::kInferredEventWait), 1);
}

// cudaEventRecord on stream 7 at [6,7], cudaStreamWaitEvent on stream 9 at [8,9], recorded.
TEST(CapturedProgram, A_recorded_event_wait_needs_no_inference) {
  TraceBuilder t;
  t.kernel(t.call("cudaLaunchKernel", 0, 5), 8, 100, 7);
  const std::int64_t record = t.call("cudaEventRecord", 6, 1);
  trace::Sync wait;
  wait.kind = trace::SyncKind::kStreamWaitEvent;
  wait.correlation = t.call("cudaStreamWaitEvent", 8, 1);
  wait.start_ns = 8000;
  wait.context = 1;
  wait.stream = 9;
  wait.waits_for_stream = 7;
  wait.waits_for_correlation = record;
  t.trace().syncs.push_back(wait);
  t.kernel(t.call("cudaLaunchKernel", 10, 5), 110, 10, 9);
  const Program program = build_program(t.trace());
  EXPECT_EQ(end_us(scaled(program, 2)), 230);
  EXPECT_EQ(decided(replayed(program), Rule::kEventWait), 1);
  EXPECT_EQ(decided(replayed(program), Rule::kInferredEventWait), 0);
}

// A late start that nothing explains: launch [0,5], start at 500.
TEST(CapturedProgram, An_unexplained_delay_is_kept_and_counted) {
  TraceBuilder t;
  t.kernel(t.call("cudaLaunchKernel", 0, 5), 8, 10);
  t.kernel(t.call("cudaLaunchKernel", 30, 5), 500, 10);
  const ReplayResult result = replayed(build_program(t.trace()));
  EXPECT_EQ(result.simulated_ns, 510'000);
  EXPECT_EQ(decided(result, Rule::kKeptDelay), 1);
}

// One graph launch: nodes [10,20], [22,32] on stream 7 and [21,26] on stream 9, which follows the first one
// by 1.
TEST(CapturedProgram, Gaps_inside_a_graph_launch_belong_to_the_graph) {
  TraceBuilder t;
  const std::int64_t graph = t.call("cudaGraphLaunch", 0, 5);
  t.kernel(graph, 10, 10, 7);
  t.kernel(graph, 21, 5, 9);
  t.kernel(graph, 22, 10, 7);
  const Program program = build_program(t.trace());
  EXPECT_EQ(end_us(program), 32);
  EXPECT_EQ(end_us(scaled(program, 2)), 52);  // 10, 30, 32, 52
  EXPECT_EQ(decided(replayed(program), Rule::kGraph), 2);
}

// Both threads make calls 5 apart; thread 1's last one returns at 200 and it falls silent until 1000; thread
// 2, silent since 18, launches at 305, 105 after that: closer to it than to its own last call. The kernel
// ends 18 later.
TEST(CapturedProgram, A_thread_that_waits_for_another_follows_it) {
  TraceBuilder t;
  for (int i = 0; i < 4; ++i) {
    t.call("cudaEventQuery", 5 * i, 1, 1);
    t.call("cudaEventQuery", 5 * i + 2, 1, 2);
  }
  t.call("cudaEventQuery", 20, 180, 1);
  t.kernel(t.call("cudaLaunchKernel", 305, 5, 2), 313, 10);
  t.call("cudaEventQuery", 1000, 1, 1);
  const Program program = build_program(t.trace());
  EXPECT_EQ(decided(replayed(program), Rule::kHandover), 1);
  EXPECT_EQ(replayed(program).error(), 0);
}

// Kernels 100 us before their launch: the device clock is 100 behind, and 3 after the launch is where they
// belong.
TEST(CapturedProgram, A_skewed_clock_is_shifted) {
  TraceBuilder t;
  for (int i = 0; i < 10; ++i) {
    t.kernel(t.call("cudaLaunchKernel", 200 + 20 * i, 5), 100 + 20 * i, 4);
  }
  const Program program = build_program(t.trace());
  EXPECT_EQ(program.clock_shift_ns, 100'000);
  EXPECT_EQ(replayed(program).error(), 0);
}

// ... but a synchronisation that returned 20 after the (unshifted) work contradicts a shift by 100.
TEST(CapturedProgram, A_clock_that_no_shift_repairs_is_refused) {
  TraceBuilder t;
  t.kernel(t.call("cudaLaunchKernel", 200, 5), 100, 150);
  t.call("cudaDeviceSynchronize", 210, 60);
  EXPECT_THROW((void)build_program(t.trace()), InputError);
}

TEST(CapturedProgram, A_call_inside_a_call_is_part_of_it) {
  TraceBuilder t;
  t.call("cudaLaunchKernel", 0, 10);
  t.kernel(t.call("cuLaunchKernel", 2, 5), 13, 10);
  const Program program = build_program(t.trace());
  EXPECT_EQ(program.nested_calls, 1);
  ASSERT_EQ(program.calls.size(), 1U);
  EXPECT_EQ(program.calls[0].ops.size(), 1U);
  EXPECT_EQ(end_us(program), 23);
}

// Launches every 4 us (2 us each) of kernels of 50 us. From the 301st on a launch lasts until the kernel 300
// before it has started; kernel i starts at 5 + 50 i, so launch i begins when kernel i - 300 starts and ends
// 2 later.
TEST(CapturedProgram, A_launch_into_a_full_queue_waits_for_room) {
  constexpr int kLimit = 300, kKernels = 400;
  TraceBuilder t;
  std::int64_t host = 0;
  for (int i = 0; i < kKernels; ++i) {
    const std::int64_t room = i < kLimit ? 0 : 5 + 50 * (i - kLimit + 1);
    const std::int64_t end = std::max(host, room) + 2;
    t.kernel(t.call("cudaLaunchKernel", host, end - host), 5 + 50 * i, 50);
    host = end + 2;
  }
  const Program program = build_program(t.trace());
  EXPECT_GT(program.queue_limit, 290);
  EXPECT_LT(program.queue_limit, 310);
  EXPECT_NEAR(replayed(program).error(), 0, 1e-4);
  // Half as long kernels: the last launch waits half as long.
  std::vector<std::int64_t> half;
  for (const Op& op : program.ops) {
    half.push_back(op.duration_ns() / 2);
  }
  const Timeline times = run_folded(with_durations(program, half));
  const std::int64_t last_begin = times[Program::call_begin(kKernels - 1)];
  EXPECT_NEAR(static_cast<double>(last_begin), 25'000.0 * (kKernels - kLimit), 60'000.0);
}

TEST(CapturedProgram, A_trace_with_nothing_in_it_is_refused) {
  EXPECT_THROW((void)build_program(trace::Trace{}), InputError);
}

TEST(CapturedProgram, Kernels_alone_replay_as_captured) {
  TraceBuilder t;
  t.kernel(trace::kNone, 5, 10, 7);
  t.kernel(trace::kNone, 16, 10, 7);
  t.kernel(trace::kNone, 900, 10, 9);
  EXPECT_EQ(replayed(build_program(t.trace())).error(), 0);
}

}  // namespace
}  // namespace hopsim::replay::captured
