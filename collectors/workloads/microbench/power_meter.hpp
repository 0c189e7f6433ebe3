// SPDX-License-Identifier: Apache-2.0
// Runs a load for seconds while a thread watches the energy counter, and makes one PowerWindow of it. The
// first second is left out: power and clocks settle.
#pragma once

#include <string>

#include "microbench/nvml_energy.hpp"
#include "microbench/power_classes.hpp"
#include "microbench/statistics.hpp"
#include "microbench/workbench.hpp"

namespace hopsim::microbench {

class PowerMeter {
 public:
  PowerMeter(const NvmlEnergy& nvml, double window_s) : nvml_(nvml), window_s_(window_s) {}

  /// With nothing running.
  [[nodiscard]] PowerWindow idle() const;
  /// Throws Unsupported where the GPU cannot run the class.
  [[nodiscard]] PowerWindow loaded(Workbench& bench, const PowerClass& load) const;
  /// Median time between two changes of the counter under `idle`, by watching it for a second.
  [[nodiscard]] std::optional<double> counter_step() const;

 private:
  struct Watch;
  [[nodiscard]] PowerWindow window(const Watch& watch, double from_s, double to_s) const;
  const NvmlEnergy& nvml_;
  double window_s_;
};

}  // namespace hopsim::microbench
