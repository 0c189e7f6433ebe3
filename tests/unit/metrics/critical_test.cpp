// SPDX-License-Identifier: Apache-2.0
#include "metrics/critical.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hopsim::metrics {
namespace {

const std::vector<double> kGrid = {1, 2, 4, 8, 16, 32, 64};

template <class LogRatio>
auto curve_of(LogRatio log_ratio) -> Curve {
  return {log_ratio, [=](double x) { return log_ratio(x).has_value(); }};
}

TEST(Crossings, Finds_the_root_of_a_falling_curve) {
  const CriticalPoints c =
      crossings_along(curve_of([](double x) { return std::optional(std::log(10 / x)); }), kGrid);
  ASSERT_EQ(c.outcome, CriticalPoints::Outcome::kCrossings);
  ASSERT_EQ(c.crossings.size(), 1U);
  EXPECT_NEAR(c.crossings[0].at, 10, 0.02);
  EXPECT_TRUE(c.crossings[0].trap_below);
}

TEST(Crossings, Finds_all_of_several_and_their_directions) {
  // Positive below 3, negative to 20, positive above.
  const CriticalPoints c =
      crossings_along(curve_of([](double x) { return std::optional((x - 3) * (x - 20)); }), kGrid);
  ASSERT_EQ(c.crossings.size(), 2U);
  EXPECT_NEAR(c.crossings[0].at, 3, 0.01);
  EXPECT_TRUE(c.crossings[0].trap_below);
  EXPECT_NEAR(c.crossings[1].at, 20, 0.03);
  EXPECT_FALSE(c.crossings[1].trap_below);
}

TEST(Crossings, Finds_two_between_neighbours_of_the_grid) {
  const CriticalPoints c =
      crossings_along(curve_of([](double x) { return std::optional((x - 9) * (x - 10)); }), kGrid);
  ASSERT_EQ(c.crossings.size(), 2U);
  EXPECT_NEAR(c.crossings[0].at, 9, 0.02);
  EXPECT_TRUE(c.crossings[0].trap_below);
  EXPECT_NEAR(c.crossings[1].at, 10, 0.02);
  EXPECT_FALSE(c.crossings[1].trap_below);
}

TEST(Crossings, A_dip_that_stays_above_zero_is_none) {
  const auto curve = [](double x) { return std::optional((x - 9) * (x - 10) + 0.3); };  // lowest 0.05
  EXPECT_EQ(crossings_along(curve_of(curve), kGrid).outcome, CriticalPoints::Outcome::kAlwaysTrapped);
}

TEST(Crossings, Finds_a_jump) {
  const CriticalPoints c =
      crossings_along(curve_of([](double x) { return std::optional(x < 5 ? 1.0 : -1.0); }), kGrid);
  ASSERT_EQ(c.crossings.size(), 1U);
  EXPECT_NEAR(c.crossings[0].at, 5, 0.01);
}

TEST(Crossings, Says_when_there_are_none) {
  EXPECT_EQ(crossings_along(curve_of([](double) { return std::optional(1.0); }), kGrid).outcome,
            CriticalPoints::Outcome::kAlwaysTrapped);
  EXPECT_EQ(crossings_along(curve_of([](double) { return std::optional(-1.0); }), kGrid).outcome,
            CriticalPoints::Outcome::kNeverTrapped);
  EXPECT_EQ(crossings_along(curve_of([](double) { return std::optional<double>(); }), kGrid).outcome,
            CriticalPoints::Outcome::kNothingFits);
}

TEST(Crossings, Searches_only_where_it_fits_and_says_where_that_is) {
  const auto curve = [](double x) { return x > 20 ? std::nullopt : std::optional(std::log(10 / x)); };
  const CriticalPoints c = crossings_along(curve_of(curve), kGrid);
  EXPECT_NEAR(c.highest, 20, 0.03);  // the edge, not the last sample of the grid
  EXPECT_NEAR(c.crossings.at(0).at, 10, 0.02);
}

TEST(Crossings, Finds_a_root_between_the_last_sample_and_the_edge) {
  const auto curve = [](double x) { return x > 25 ? std::nullopt : std::optional(std::log(22 / x)); };
  const CriticalPoints c = crossings_along(curve_of(curve), kGrid);
  ASSERT_EQ(c.crossings.size(), 1U);
  EXPECT_NEAR(c.crossings[0].at, 22, 0.05);
}

TEST(Crossings, Replays_no_more_than_it_must) {
  int replays = 0;
  const auto log_ratio = [&](double x) {
    ++replays;
    return std::optional(std::log(10 / x));
  };
  const Curve curve{log_ratio, [](double x) { return x <= 25; }};
  const auto fitting = [&](double x) { return curve.runs(x) ? log_ratio(x) : std::nullopt; };
  EXPECT_NEAR(crossings_along({fitting, curve.runs}, kGrid).highest, 25, 0.03);
  EXPECT_LE(replays, 5 + 1 + 6);  // of the grid, at the edge, and at the root; bisection takes 10 each
}

TEST(Crossings, A_hole_in_the_curve_separates_what_lies_on_its_sides) {
  const auto curve = [](double x) {
    return x > 3 && x < 20 ? std::nullopt : std::optional(x < 10 ? 1.0 : -1.0);
  };
  const CriticalPoints c = crossings_along(curve_of(curve), kGrid);
  EXPECT_TRUE(c.crossings.empty());
  EXPECT_EQ(c.outcome, CriticalPoints::Outcome::kAlwaysTrapped);
}

TEST(Crossings_along_integers, Searches_up_to_the_last_number_that_fits) {
  const auto curve = [](double x) { return x > 13 ? std::nullopt : std::optional(x - 11.5); };
  const CriticalPoints c = crossings_along_integers(curve_of(curve), {1, 2, 4, 8, 16});
  ASSERT_EQ(c.crossings.size(), 1U);
  EXPECT_EQ(c.crossings[0].at, 12);
  EXPECT_EQ(c.highest, 13);
}

TEST(Crossings_along_integers, Gives_the_first_whole_number_on_the_far_side) {
  const std::vector<int> grid = {1, 2, 4, 8, 16};
  const CriticalPoints c =
      crossings_along_integers(curve_of([](double x) { return std::optional(x - 5.5); }), grid);
  ASSERT_EQ(c.crossings.size(), 1U);
  EXPECT_EQ(c.crossings[0].at, 6);
  EXPECT_FALSE(c.crossings[0].trap_below);
}

TEST(Literature_critical_params, Is_the_closed_form_and_grows_with_batch) {
  // phi 1 ms, 2e12 B/s, batch 4, 4 bit: 1e-3 * 2e12 * 4 / (1/8 * 12).
  EXPECT_DOUBLE_EQ(literature_critical_params(1e-3, 2e12, 4, 4), 8e9 / 1.5);
  EXPECT_EQ(literature_critical_params(1e-3, 2e12, 4, 16), 0);
}

TEST(Literature_critical_params, Derived_anew_does_not_depend_on_the_batch) {
  EXPECT_DOUBLE_EQ(rederived_critical_params(literature_critical_params(1e-3, 2e12, 4, 4), 4), 2e9 / 1.5);
  EXPECT_DOUBLE_EQ(rederived_critical_params(literature_critical_params(1e-3, 2e12, 64, 4), 64), 2e9 / 1.5);
}

}  // namespace
}  // namespace hopsim::metrics
