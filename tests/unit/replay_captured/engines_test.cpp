// SPDX-License-Identifier: Apache-2.0
// Property: both engines give the same integer for every event of any program, and a program built from a
// trace that obeys causality replays without error beyond the launch jitter that it drops.
#include <gtest/gtest.h>

#include <random>

#include "replay/captured/program.hpp"
#include "replay/captured/timeline.hpp"
#include "replay/captured/what_if.hpp"
#include "replay/simgrid/captured_engine.hpp"
#include "unit/replay_captured/traces.hpp"

namespace hopsim::replay::captured {
namespace {

// Threads that launch into streams at random, with copies and synchronisations; kernels start when stream and
// launch allow it, synchronisations return when the device is done.
auto random_trace(unsigned seed) -> trace::Trace {
  std::mt19937 random(seed);
  const auto upto = [&random](int n) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(n));
  };
  test::TraceBuilder t;
  const std::int64_t threads = 1 + upto(3), streams = 1 + upto(3);
  std::vector<std::int64_t> free(static_cast<std::size_t>(streams), 0);
  std::vector<std::int64_t> host;  // begin of each thread's next call: calls are made in order of time
  const auto pause = [&] { return upto(10) == 0 ? upto(400) : upto(20); };
  for (std::int64_t k = 0; k < threads; ++k) {
    host.push_back(pause());
  }
  for (int i = 0; i < 120; ++i) {
    const auto thread = static_cast<std::size_t>(std::min_element(host.begin(), host.end()) - host.begin());
    std::int64_t& now = host[thread];
    const auto id = static_cast<std::int64_t>(thread);
    const auto stream = static_cast<std::size_t>(upto(static_cast<int>(streams)));
    if (upto(15) == 0) {
      const std::int64_t done = std::max(now + 2, *std::max_element(free.begin(), free.end()) + 3);
      t.call("cudaDeviceSynchronize", now, done - now, id);
      now = done + pause();
    } else {
      const std::int64_t start = std::max(free[stream] + 1, now + 6 + upto(3)), length = upto(60);
      t.kernel(t.call("cudaLaunchKernel", now, 4, id), start, length, static_cast<std::int64_t>(stream));
      free[stream] = start + length;
      now += 4 + pause();
    }
  }
  return t.trace();
}

TEST(CapturedEngines, Give_the_same_times_for_random_traces) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    Program program = build_program(random_trace(seed));
    if (seed % 3 == 1) {
      program = with_host_speed(std::move(program), 0.7);
    } else if (seed % 3 == 2) {
      program = with_graphs(std::move(program));
    }
    EXPECT_EQ(run_simgrid(program), run_folded(program)) << "seed " << seed;
  }
}

TEST(CapturedEngines, Replay_random_traces_within_a_percent_and_in_order) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Program program = build_program(random_trace(seed));
    const ReplayResult result = judge(program, run_folded(program), "folded");
    EXPECT_NEAR(result.error(), 0, 0.01) << "seed " << seed;
    EXPECT_NEAR(static_cast<double>(result.idle_simulated_ns - result.idle_measured_ns), 0,
                0.02 * static_cast<double>(result.measured_ns))
        << "seed " << seed;
    EXPECT_EQ(result.streams_in_order, result.streams) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hopsim::replay::captured
