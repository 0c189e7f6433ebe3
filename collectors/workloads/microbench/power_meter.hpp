// SPDX-License-Identifier: Apache-2.0
// Runs a load for seconds while a thread watches the energy counter, and makes one PowerWindow of it. The
// first second is left out: power and clocks settle.
#pragma once

#include <string>

#include "microbench/power_classes.hpp"
#include "microbench/workbench.hpp"
#include "nvml/energy.hpp"
#include "nvml/nvml.hpp"

namespace hopsim::microbench {

class PowerMeter {
 public:
  PowerMeter(const collect::Nvml& nvml, collect::NvmlDevice device, double window_s)
      : nvml_(nvml), device_(std::move(device)), window_s_(window_s) {}

  /// With nothing running.
  [[nodiscard]] PowerWindow idle() const;
  /// Throws Unsupported where the GPU cannot run the class.
  [[nodiscard]] PowerWindow loaded(Workbench& bench, const PowerClass& load) const;
  /// Median time between two changes of the counter under `idle`, by watching it for a second.
  [[nodiscard]] std::optional<double> counter_step_ms() const;

 private:
  struct Watch;
  [[nodiscard]] PowerWindow window(const Watch& watch, double from_s, double to_s) const;
  const collect::Nvml& nvml_;
  collect::NvmlDevice device_;
  double window_s_;
};

}  // namespace hopsim::microbench
