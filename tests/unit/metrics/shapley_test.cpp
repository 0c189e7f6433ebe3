// SPDX-License-Identifier: Apache-2.0
#include "metrics/shapley.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>

#include "base/errors.hpp"

namespace hopsim::metrics {
namespace {

template <class Value>
auto game(int n, const Value& value) -> std::vector<double> {
  std::vector<double> out;
  for (std::size_t subset = 0; subset < std::size_t{1} << n; ++subset) {
    out.push_back(value(subset));
  }
  return out;
}

TEST(Shapley, An_additive_game_gives_each_its_own) {
  const double worth[] = {3, -1.5, 0.25, 7};
  const auto parts = shapley(game(4, [&](std::size_t subset) {
    double sum = 10;
    for (std::size_t i = 0; i < 4; ++i) {
      sum += (subset >> i & 1U) != 0 ? worth[i] : 0;
    }
    return sum;
  }));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(parts[i], worth[i], 1e-14);
  }
}

TEST(Shapley, Equal_causes_get_equal_parts) {
  const auto parts = shapley(game(5, [](std::size_t subset) { return std::exp(std::popcount(subset)); }));
  for (const double part : parts) {
    EXPECT_NEAR(part, (std::exp(5.0) - 1) / 5, 1e-12 * std::exp(5.0));
  }
}

TEST(Shapley, A_cause_that_changes_nothing_gets_exactly_nothing) {
  const auto parts =
      shapley(game(4, [](std::size_t subset) { return std::sqrt(1.0 + static_cast<double>(subset & 11U)); }));
  EXPECT_EQ(parts[2], 0);
  EXPECT_NE(parts[1], 0);
}

// One owner and two workers, of whom each alone with the owner makes 1: the textbook's 2/3, 1/6, 1/6.
TEST(Shapley, The_glove_game) {
  const auto parts = shapley(
      game(3, [](std::size_t subset) { return (subset & 1U) != 0 && (subset & 6U) != 0 ? 1.0 : 0.0; }));
  EXPECT_NEAR(parts[0], 2.0 / 3, 1e-15);
  EXPECT_NEAR(parts[1], 1.0 / 6, 1e-15);
  EXPECT_NEAR(parts[2], 1.0 / 6, 1e-15);
}

TEST(Shapley, Parts_add_up_to_the_whole) {
  for (int n = 1; n <= 8; ++n) {
    const auto values = game(
        n, [](std::size_t subset) { return 100 * std::sin(1.0 + 12.9898 * static_cast<double>(subset)); });
    const auto parts = shapley(values);
    EXPECT_EQ(parts.size(), static_cast<std::size_t>(n));
    EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0), values.back() - values.front(),
                1e-12 * 100);
  }
}

TEST(Shapley, A_game_without_a_value_for_each_subset_is_refused) {
  const std::vector<double> three = {1, 2, 3};
  EXPECT_THROW((void)shapley(three), InternalError);
  EXPECT_THROW((void)shapley({}), InternalError);
}

}  // namespace
}  // namespace hopsim::metrics
