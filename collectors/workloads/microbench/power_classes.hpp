// SPDX-License-Identifier: Apache-2.0
// The loads of which power is measured, the most valuable first, and the table made of repeated windows. No
// GPU.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "microbench/plan.hpp"
#include "nvml/nvml.hpp"

namespace hopsim::microbench {

enum class Load {
  kIdle,        ///< before this process has a context
  kLoadedIdle,  ///< context and memory there, nothing has run for seconds
  kActiveIdle,  ///< right after a load: clocks still up
  kGraph,       ///< graphs of the operation, back to back: the GPU never waits
  kEager,       ///< launched one by one as fast as the host can
  kSpaced,      ///< one by one with 20 us of host work between, as eager frameworks do
  kMix          ///< graphs of several operations, for the closure test
};

struct PowerClass {
  std::string name;
  Load load = Load::kGraph;
  std::vector<Item> items;  ///< none for the idle ones, several for kMix
};

[[nodiscard]] std::vector<PowerClass> power_classes();

/// One window of one class.
struct PowerWindow {
  double power_w = 0, window_s = 0, seconds_per_launch = 0;
  double bytes = 0, flops = 0;  ///< of a launch; for a mix of one round of its operations
  collect::NvmlReading state;   ///< of the GPU, at the end of the window
};

inline constexpr const char* kPowerHeader =
    "class,power_w,ci95,j_per_launch,window_s,repeats,bytes,flops,closure,us_per_launch,sm_mhz,mem_mhz,"
    "temperature_c,"
    "throttle_reasons";

/// power.csv of the windows so far. `closure` of the mix: energy that the classes of its parts predict for
/// one round, over the measured one, minus 1; empty elsewhere, and while a part is not measured.
[[nodiscard]] std::string power_table(const std::map<std::string, std::vector<PowerWindow>>& windows);

}  // namespace hopsim::microbench
