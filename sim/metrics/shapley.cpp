// SPDX-License-Identifier: Apache-2.0
#include "metrics/shapley.hpp"

#include <bit>

#include "base/errors.hpp"

namespace hopsim::metrics {

std::vector<double> shapley(std::span<const double> by_subset) {
  HOPSIM_CHECK(std::has_single_bit(by_subset.size()) && by_subset.size() <= (1U << 20),
               "a game has a value for each subset of its causes");
  const int n = std::countr_zero(by_subset.size());
  // Of all orders, the share in which exactly a given set of that size stands before a given cause:
  // size! (n - size - 1)! / n!.
  std::vector<long double> share(static_cast<std::size_t>(n), 0.0L);
  for (int size = 0; size < n; ++size) {
    long double x = 1.0L / n;
    for (int i = 1; i <= size; ++i) {
      x *= static_cast<long double>(i) / (n - i);
    }
    share[static_cast<std::size_t>(size)] = x;
  }
  std::vector<double> out;
  for (int cause = 0; cause < n; ++cause) {
    const std::size_t bit = std::size_t{1} << cause;
    long double sum = 0;
    for (std::size_t before = 0; before < by_subset.size(); ++before) {
      if ((before & bit) == 0) {
        const auto size = static_cast<std::size_t>(std::popcount(before));
        sum += share[size] * (static_cast<long double>(by_subset[before | bit]) - by_subset[before]);
      }
    }
    out.push_back(static_cast<double>(sum));
  }
  return out;
}

}  // namespace hopsim::metrics
