// SPDX-License-Identifier: Apache-2.0
// Summaries of repeated measurements, and mean power out of readings of an energy counter that moves in
// steps.
#pragma once

#include <optional>
#include <vector>

namespace hopsim::microbench {

struct Summary {
  double median = 0;
  double spread = 0;  ///< (third quartile - first quartile) / median
  int repeats = 0;
};

/// Quantile of a non-empty sample, linear between neighbours; q in [0, 1].
[[nodiscard]] double quantile(std::vector<double> values, double q);
[[nodiscard]] Summary summarize(const std::vector<double>& values);

struct Mean {
  double mean = 0;
  std::optional<double> ci95;  ///< half width by Student's t; none for fewer than two values
};
[[nodiscard]] Mean mean_with_ci95(const std::vector<double>& values);

/// A reading of the energy counter, kept when its value has changed.
struct EnergyEdge {
  double t_s = 0;
  double energy_j = 0;
};

struct WindowPower {
  double power_w = 0;
  double window_s = 0;
};

/// Between the first edge at or after `from_s` and the last one at or before `to_s`: an interval between two
/// edges holds whole steps of the counter, one between two clock times does not. None with fewer than two
/// edges.
[[nodiscard]] std::optional<WindowPower> power_between_edges(const std::vector<EnergyEdge>& edges,
                                                             double from_s, double to_s);

/// Median time between edges; none with fewer than two.
[[nodiscard]] std::optional<double> counter_step_s(const std::vector<EnergyEdge>& edges);

}  // namespace hopsim::microbench
