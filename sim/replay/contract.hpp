// SPDX-License-Identifier: Apache-2.0
// What both replay engines take and give. A schedule is a chain of hops; a hop is runs of consecutive steps;
// a step is a list of host actions with a layer that repeats. One host thread, one stream (DESIGN.md section
// 4).
//
// Rules, with h the time at which the host is free, g the time at which the stream is, lat the launch
// latency:
//   launch        h += d;            g = max(h + lat, g) + k
//   graph launch  h += d;            g = max(h + lat, g)
//   graph node                       g = g + k
//   host work     h += d
//   sync          h = max(h, g) + d
// Hops run in the order of the schedule. A hop starts when host and stream are done with the hop before it
// and every hop that it comes after has ended and paused; it ends when its host work and its kernels have.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/kernel_class.hpp"
#include "base/wide.hpp"
#include "replay/step.hpp"

namespace hopsim::replay {

/// `count` steps one after the other, at offsets first_offset, first_offset + 1, ... into the step's window.
struct StepRun {
  std::size_t step = 0;  // index into Schedule::steps
  std::int64_t first_offset = 0;
  std::int64_t count = 1;
};

struct Hop {
  std::vector<std::size_t> after;  // earlier hops
  std::int64_t pause_ps = 0;       // between its end and the start of those after it
  std::vector<StepRun> runs;
};

struct Schedule {
  std::vector<Step> steps;
  std::vector<Hop> hops;
};

/// The ledger: exact integers, the same whatever engine filled it.
struct Totals {
  std::int64_t latency_ps = 0;                    // start to the end of the last hop
  std::int64_t pause_ps = 0;                      // of that, both host and stream waiting for a pause to end
  std::array<Wide, kKernelClassCount> busy_ps{};  // GPU time by class
  std::array<Wide, kKernelClassCount> energy_pj{};  // board energy while kernels run, by class
  std::int64_t kernels = 0;
  std::int64_t host_calls = 0;  // launches, graph launches, syncs, host work
  std::int64_t steps = 0;

  [[nodiscard]] Wide total_busy_ps() const;
  [[nodiscard]] Wide total_energy_pj() const;
  /// The stream had nothing to run although the chain was not paused.
  [[nodiscard]] Wide idle_ps() const { return static_cast<Wide>(latency_ps) - pause_ps - total_busy_ps(); }
  friend bool operator==(const Totals&, const Totals&) = default;
};

/// Throws InternalError when the schedule breaks a rule of this header (index, order, negative time), and
/// InputError when it could last longer than 30 days, which 64-bit picoseconds would not hold safely.
void check(const Schedule& schedule);

/// Adds what does not depend on the timeline: kernels, calls, busy time and energy of every run.
void add_work(const Schedule& schedule, Totals& totals);

class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Throws InternalError when a replay does not finish every kernel.
  [[nodiscard]] virtual Totals replay(const Schedule& schedule) const = 0;
};

}  // namespace hopsim::replay
