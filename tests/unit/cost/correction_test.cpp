// SPDX-License-Identifier: Apache-2.0
// A grid over (m, n) with knots 1, 4 and 16, 64. Values in permille: m=1: 0 100, m=4: 200 300.
#include "cost/correction.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/input_error.hpp"

namespace hopsim::cost {
namespace {

auto table() -> spec::CorrectionTable {
  spec::CorrectionTable out;
  out.axes = {"m", "n"};
  out.knots = {{1, 4}, {16, 64}};
  out.permille = {0, 100, 200, 300};
  return out;
}

auto work(double m, double n) -> KernelWork {
  KernelWork out;
  out.m = m;
  out.n = n;
  return out;
}

TEST(Correction, Takes_the_values_at_knots_and_is_linear_in_the_logarithms_between) {
  const Correction c({table()});
  EXPECT_NEAR(c.at(work(1, 16)), 0.0, 1e-7);
  EXPECT_NEAR(c.at(work(1, 64)), 0.1, 1e-7);
  EXPECT_NEAR(c.at(work(4, 16)), 0.2, 1e-7);
  EXPECT_NEAR(c.at(work(2, 32)), 0.15, 1e-7);  // the middle of the cell
}

TEST(Correction, Fades_to_nothing_within_an_octave_outside) {
  const Correction c({table()});
  EXPECT_NEAR(c.at(work(4, 64 * std::sqrt(2))), 0.15, 1e-6);
  EXPECT_EQ(c.at(work(4, 128)), 0);
  EXPECT_EQ(c.at(work(4096, 64)), 0);
}

TEST(Correction, Surfaces_add_up) { EXPECT_NEAR(Correction({table(), table()}).at(work(4, 64)), 0.6, 1e-6); }

TEST(Correction, Refuses_an_axis_that_is_no_size) {
  spec::CorrectionTable odd = table();
  odd.axes[1] = "colour";
  EXPECT_NE(test::input_error([&] { static_cast<void>(Correction({odd})); }).find("no axis 'colour'"),
            std::string::npos);
}

}  // namespace
}  // namespace hopsim::cost
