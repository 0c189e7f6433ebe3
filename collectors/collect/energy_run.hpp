// SPDX-License-Identifier: Apache-2.0
// The program's energy, measured without CUPTI, which adds gaps and thus lowers power. The program runs again
// and again until a window is full; the energy counters of all GPUs that it used are read over each window,
// between their updates (nvml/energy.hpp). Short windows lie: on one board the counter was 26 % low over half
// a second and right over five.
#pragma once

#include <string>
#include <vector>

#include "collect/options.hpp"
#include "core/spool_writer.hpp"
#include "nvml/nvml.hpp"

namespace hopsim::collect {

inline constexpr double kTrustedWindowS = 5;

struct EnergyWindow {
  double seconds = 0, joules = 0;
  int runs = 0;
};

struct EnergyResult {
  std::vector<EnergyWindow> windows;
  int lost_windows = 0;  // the counter started again, or stood still
  double counter_step_ms = 0;
  double wall_s = 0;  // of one run, mean
  std::vector<std::string> gpus;
  std::string error;
};

/// Runs the windows; samples of power go into `spool`, with the GPUs. `used`: GPUs of the traced run; all
/// where it is empty.
[[nodiscard]] EnergyResult measure_energy(const Options& options, const std::vector<Uuid>& used,
                                          SpoolWriter& spool);

/// The result as attributes: mean and 95 % confidence interval over the windows.
void write_energy(const EnergyResult& result, double traced_wall_s, SpoolWriter& spool);

}  // namespace hopsim::collect
