// SPDX-License-Identifier: Apache-2.0
// Summaries of repeated measurements.
#pragma once

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

}  // namespace hopsim::microbench
