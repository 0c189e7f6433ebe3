// SPDX-License-Identifier: Apache-2.0
// Two straight lines of cost over N: 16 bit costs c N, low precision a + c N / 4. They cross at
// N* = a / (0.75 c), so a lognormal factor on a, on c or on both has a known effect on it.
#include "metrics/bands.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cost/draw.hpp"

namespace hopsim::metrics {
namespace {

using Outcome = CriticalPoints::Outcome;

constexpr int kDraws = 2000;
constexpr double kCross = 1.2;  // at a = 0.9, c = 1
constexpr double kError90 = 0.3;

auto crossing_of(double a, double c, double highest) -> CriticalPoints {
  std::vector<double> grid;
  for (double x = 0.1; x < highest; x *= 2) {
    grid.push_back(x);
  }
  grid.push_back(highest);
  return crossings_along({[=](double n) { return std::optional(std::log((a + c * n / 4) / (c * n))); },
                          [](double) { return true; }},
                         grid);
}

enum class On { kOverhead, kBoth };

auto bands(On on, double highest = 30) -> CriticalBands {
  std::vector<CriticalPoints> draws;
  for (int i = 0; i < kDraws; ++i) {
    const double f = cost::Draw(11, static_cast<std::uint64_t>(i)).factor("overhead", kError90);
    draws.push_back(crossing_of(0.9 * f, on == On::kBoth ? f : 1, highest));
  }
  return bands_of(crossing_of(0.9, 1, highest), draws);
}

TEST(Bands, Of_two_lines_have_the_quantiles_of_the_factor) {
  const CriticalBands b = bands(On::kOverhead);
  ASSERT_EQ(b.crossings.size(), 1U);
  EXPECT_EQ(b.crossings[0].share, 1);
  EXPECT_EQ(b.crosses, 1);
  // Four standard errors of a 5 % quantile of 2,000 draws, and the search's accuracy.
  const double bound = 4 * 0.047 * kError90 / 1.645 + 1e-3;
  EXPECT_NEAR(std::log(b.crossings[0].at.low / kCross), -kError90, bound);
  EXPECT_NEAR(std::log(b.crossings[0].at.high / kCross), kError90, bound);
}

TEST(Bands, A_factor_that_both_sides_share_cancels) {
  const CriticalBands b = bands(On::kBoth);
  ASSERT_EQ(b.crossings.size(), 1U);
  EXPECT_NEAR(b.crossings[0].at.low, kCross, 2e-3 * kCross);
  EXPECT_NEAR(b.crossings[0].at.high, kCross, 2e-3 * kCross);
}

TEST(Bands, Say_in_how_many_draws_there_is_no_crossing) {
  const CriticalBands b = bands(On::kOverhead, kCross * 1.0005);  // half of the crossings lie beyond
  ASSERT_EQ(b.crossings.size(), 1U);
  EXPECT_NEAR(b.crosses, 0.5, 4 * 0.5 / std::sqrt(kDraws));
  EXPECT_NEAR(b.always, 1 - b.crosses, 1e-12);
  EXPECT_EQ(b.never, 0);
  EXPECT_EQ(b.crossings[0].share, b.crosses);
  EXPECT_LE(b.crossings[0].at.high, kCross * 1.01);
}

TEST(Bands, Without_a_crossing_are_those_of_the_draws_that_have_one) {
  const CriticalPoints none{Outcome::kAlwaysTrapped, {}, 1, 10};
  const CriticalPoints one{Outcome::kCrossings, {{8, true}, {9, false}}, 1, 10};
  const CriticalPoints never{Outcome::kNeverTrapped, {}, 1, 10};
  const CriticalBands b = bands_of(none, {none, none, one, never});
  ASSERT_EQ(b.crossings.size(), 1U);
  EXPECT_EQ(b.crossings[0].share, 0.25);
  EXPECT_EQ(b.crossings[0].at.low, 8);
  EXPECT_EQ(b.always, 0.5);
  EXPECT_EQ(b.never, 0.25);
}

TEST(Bands, Of_several_crossings_go_by_direction_and_nearness) {
  const CriticalPoints expected{Outcome::kCrossings, {{2, true}, {8, false}, {32, true}}, 1, 100};
  const CriticalPoints all{Outcome::kCrossings, {{3, true}, {9, false}, {40, true}}, 1, 100};
  const CriticalPoints first{Outcome::kCrossings, {{3, true}}, 1, 100};
  const CriticalBands b = bands_of(expected, {all, first});
  ASSERT_EQ(b.crossings.size(), 3U);
  EXPECT_EQ(b.crossings[0].share, 1);
  EXPECT_EQ(b.crossings[0].at.high, 3);
  EXPECT_EQ(b.crossings[1].share, 0.5);
  EXPECT_EQ(b.crossings[1].at.low, 9);
  EXPECT_EQ(b.crossings[2].share, 0.5);
  EXPECT_EQ(b.crossings[2].at.low, 40);
}

TEST(Bands, Are_linear_between_order_statistics) {
  std::vector<double> values(101);
  std::iota(values.rbegin(), values.rend(), 0.0);
  EXPECT_DOUBLE_EQ(band_of(values).low, 5);
  EXPECT_DOUBLE_EQ(band_of(values).high, 95);
  EXPECT_DOUBLE_EQ(band_of({1, 2}).low, 1.05);
  EXPECT_EQ(band_of({}).high, 0);
}

TEST(Bands, Of_a_point_count_verdicts_and_traps) {
  const auto draw = [](Verdict verdict, double cor, double energy) {
    Comparison out;
    out.verdict = verdict;
    out.cor = cor;
    out.energy_ratio = energy;
    return out;
  };
  const std::vector<Comparison> draws = {
      draw(Verdict::kFullTrap, 0.5, 1.2), draw(Verdict::kFullTrap, 0.4, 1.1),
      draw(Verdict::kLatencyTrap, 0.3, 0.9), draw(Verdict::kDissolved, -0.1, 0.8)};
  const PointBands b = bands_of(Verdict::kFullTrap, draws);
  EXPECT_EQ(b.verdict_share, 0.5);
  EXPECT_EQ(b.slower_share, 0.75);
  EXPECT_EQ(b.hungrier_share, 0.5);
  EXPECT_TRUE(b.cor.low < 0 && b.cor.high > 0.4);
  EXPECT_EQ(bands_of(Verdict::kInfeasible, draws).verdict_share, 1);
  EXPECT_EQ(bands_of(Verdict::kInfeasible, draws).energy_ratio.high, 0);
}

}  // namespace
}  // namespace hopsim::metrics
