// SPDX-License-Identifier: Apache-2.0
// Folds for cross-validation: things shuffled by the raw outputs of a fixed generator and dealt out in turn,
// so that every standard library gives the same folds, and no fold is a row of a regular grid.
#pragma once

#include <cstddef>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace hopsim::cost::fit {

inline constexpr std::size_t kFolds = 5;

/// The fold of each of `count` things.
[[nodiscard]] inline std::vector<std::size_t> shuffled_folds(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937 random(1);
  for (std::size_t i = count; i > 1; --i) {
    std::swap(order[i - 1], order[random() % i]);
  }
  std::vector<std::size_t> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[order[i]] = i % kFolds;
  }
  return out;
}

}  // namespace hopsim::cost::fit
