// SPDX-License-Identifier: Apache-2.0
// Property: what a replay predicts for other kernels or another host is what the same program would have been
// captured as. A made-up machine runs a random program twice, as is and changed; the first run is the trace,
// the second the truth. The machine: a launch costs 4 us of host, a kernel starts 2 us after it (0 to 1 us of
// jitter) or 1 us after the one before; a synchronisation costs 2 us and returns 3 us after the work of the
// thread's stream.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "replay/captured/program.hpp"
#include "replay/captured/timeline.hpp"
#include "replay/captured/what_if.hpp"
#include "unit/replay_captured/traces.hpp"

namespace hopsim::replay::captured {
namespace {

struct Machine {
  double kernel_time = 1, host_time = 1;
};

// One thread and its stream; `random` gives the same program on every machine.
auto run_thread(test::TraceBuilder& trace, unsigned seed, std::int64_t id, const Machine& machine)
    -> std::int64_t {
  std::mt19937 random(seed);
  const auto upto = [&random](int n) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(n));
  };
  const auto host = [&machine](std::int64_t us) -> std::int64_t {
    return std::llround(static_cast<double>(us) * machine.host_time);
  };
  const int longest = 10 << upto(6);  // from host-bound to GPU-bound
  std::int64_t now = 0, free = 0;
  for (int i = 0; i < 300; ++i) {
    now += host(2 * upto(20));
    if (upto(40) == 0) {
      const std::int64_t done = std::max(now + host(2), free + 3);
      trace.call("cudaStreamSynchronize", now, done - now, id);
      now = done;
    } else {
      const std::int64_t start = std::max(free + 1, now + host(4) + 2 + upto(2));
      const std::int64_t length = std::llround(2 * static_cast<double>(upto(longest)) * machine.kernel_time);
      trace.kernel(trace.call("cudaLaunchKernel", now, host(4), id), start, length, id);
      free = start + length;
      now += host(4);
    }
  }
  return std::max(now, free);
}

auto run_machine(unsigned seed, const Machine& machine, std::int64_t& end_us) -> trace::Trace {
  test::TraceBuilder trace;
  end_us = 0;
  for (std::int64_t id = 0; id <= seed % 3; ++id) {
    end_us = std::max(end_us, run_thread(trace, 100 * seed + static_cast<unsigned>(id), id, machine));
  }
  return trace.trace();
}

auto predicted_us(const Program& program) -> double {
  const Timeline times = run_folded(program);
  return static_cast<double>(*std::max_element(times.begin(), times.end())) / 1e3;
}

auto with_kernel_time(const Program& program, double factor) -> Program {
  std::vector<std::int64_t> durations;
  for (const Op& op : program.ops) {
    durations.push_back(std::llround(static_cast<double>(op.duration_ns()) * factor));
  }
  return with_durations(program, durations);
}

TEST(CapturedPrediction, Other_kernels_come_out_as_they_would_have_run) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    for (const double factor : {0.5, 2.0, 4.0}) {
      std::int64_t captured_us = 0, truth_us = 0;
      const Program program = build_program(run_machine(seed, {}, captured_us));
      (void)run_machine(seed, {.kernel_time = factor}, truth_us);
      const auto truth = static_cast<double>(truth_us);
      EXPECT_NEAR(predicted_us(program), static_cast<double>(captured_us),
                  0.01 * static_cast<double>(captured_us));
      EXPECT_NEAR(predicted_us(with_kernel_time(program, factor)), truth, 0.02 * truth)
          << seed << " x " << factor;
    }
  }
}

TEST(CapturedPrediction, Another_host_comes_out_as_it_would_have_run) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    for (const double factor : {0.5, 2.0}) {
      std::int64_t captured_us = 0, truth_us = 0;
      const Program program = build_program(run_machine(seed, {}, captured_us));
      (void)run_machine(seed, {.host_time = factor}, truth_us);
      const auto truth = static_cast<double>(truth_us);
      EXPECT_NEAR(predicted_us(with_host_speed(program, 1 / factor)), truth, 0.02 * truth)
          << seed << " x " << factor;
    }
  }
}

}  // namespace
}  // namespace hopsim::replay::captured
