// SPDX-License-Identifier: Apache-2.0
#include "microbench/statistics.hpp"

#include <algorithm>
#include <cstddef>

namespace hopsim::microbench {

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

Summary summarize(const std::vector<double>& values) {
  const double median = quantile(values, 0.5);
  const double range = quantile(values, 0.75) - quantile(values, 0.25);
  return {median, median > 0 ? range / median : 0, static_cast<int>(values.size())};
}

}  // namespace hopsim::microbench
