// SPDX-License-Identifier: Apache-2.0
// What-ifs on one host-bound trace: launches [0,5], [20,25], [40,45], kernels [8,10], [28,30] (dequant),
// [48,50], synchronisation [60,62], which nothing blocks. Times in us.
#include "replay/captured/what_if.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "replay/captured/chrome_trace.hpp"
#include "replay/captured/timeline.hpp"
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

TEST(ChromeTrace, Holds_both_timelines_as_processes) {
  const trace::Trace trace = host_bound();
  const Program program = build_program(trace);
  const auto json = nlohmann::json::parse(chrome_trace(trace, program, run_folded(program)));
  int spans[3] = {}, depth = 0;
  for (const auto& event : json["traceEvents"]) {
    if (event["ph"] == "X") {
      ++spans[event["pid"].get<int>()];
    }
    depth += event["ph"] == "C" ? 1 : 0;
  }
  EXPECT_EQ(spans[1], 7);  // 4 calls, 3 kernels
  EXPECT_EQ(spans[2], 7);
  EXPECT_EQ(depth, 12);  // a launch and a start for each kernel and timeline
}

}  // namespace
}  // namespace hopsim::replay::captured
