// SPDX-License-Identifier: Apache-2.0
#include "io/expression.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"

namespace hopsim::io {
namespace {

const VariableNames kNames = {"m", "n"};

TEST(Expression, Evaluates_arithmetic_conditions_and_constants) {
  const Location at{"s.yaml", 3, 7};
  EXPECT_EQ(Expression("2*m*n", kNames, at).evaluate({3, 5}), 30);
  EXPECT_EQ(Expression("m == 1 ? 10 : n", kNames, at).evaluate({1, 5}), 10);
  EXPECT_EQ(Expression("m == 1 ? 10 : n", kNames, at).evaluate({2, 5}), 5);
  EXPECT_EQ(Expression("0.5 + 2/4", kNames, at).evaluate({0, 0}), 1);
}

TEST(Expression, A_copy_evaluates_by_itself) {
  const Expression original("m + n", kNames, {});
  const Expression copy = original;
  EXPECT_EQ(original.evaluate({1, 2}), 3);
  EXPECT_EQ(copy.evaluate({10, 20}), 30);
  EXPECT_EQ(original.evaluate({1, 2}), 3);
}

TEST(Expression, Reports_unknown_names_syntax_and_infinite_results_at_their_place) {
  const Location at{"s.yaml", 3, 7};
  EXPECT_NE(
      test::input_error([&] { Expression("2*q", kNames, at); }).find("s.yaml:3:7: bad expression '2*q'"),
      std::string::npos);
  EXPECT_NE(test::input_error([&] { Expression("2*(m", kNames, at); }).find("s.yaml:3:7"), std::string::npos);
  EXPECT_NE(test::input_error([&] {
              static_cast<void>(Expression("1/m", kNames, at).evaluate({0, 0}));
            }).find("no finite"),
            std::string::npos);
}

TEST(Expression, Refuses_assignments_and_several_values) {
  for (const char* bad : {"m = 3", "m, n", "m += 1"}) {
    EXPECT_NE(test::input_error([&] { Expression(bad, kNames, {}); }), "") << bad;
  }
  EXPECT_EQ(Expression("m >= 2 && n != 3", kNames, {}).evaluate({2, 4}), 1);
}

TEST(Expression, Knows_what_it_uses) {
  EXPECT_TRUE(Expression("2*m", kNames, {}).uses(0));
  EXPECT_FALSE(Expression("2*m", kNames, {}).uses(1));
}

}  // namespace
}  // namespace hopsim::io
