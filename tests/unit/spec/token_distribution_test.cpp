// SPDX-License-Identifier: Apache-2.0
#include "spec/token_distribution.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"

namespace hopsim::spec {
namespace {

TEST(Uniform, Is_a_function_of_its_arguments_with_the_moments_of_a_uniform) {
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 20'000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double u = uniform(1, Draw::kDecodeTokens, i, 3);
    EXPECT_GT(u, 0);
    EXPECT_LT(u, 1);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kDraws));
  EXPECT_EQ(uniform(1, Draw::kDecodeTokens, 5, 3), uniform(1, Draw::kDecodeTokens, 5, 3));
  EXPECT_NE(uniform(1, Draw::kDecodeTokens, 5, 3), uniform(2, Draw::kDecodeTokens, 5, 3));
  EXPECT_NE(uniform(1, Draw::kDecodeTokens, 5, 3), uniform(1, Draw::kDecodeTokens, 3, 5));
  EXPECT_NE(uniform(1, Draw::kDecodeTokens, 5, 3),
            uniform(std::uint64_t{1} << 32U, Draw::kDecodeTokens, 5, 3));
}

TEST(Token_distribution, Median_and_mean_of_a_lognormal_by_hand) {
  // cv 1: sigma^2 = ln 2, median = mean / sqrt(2).
  const TokenDistribution d{1000, 1, 0, 10'000'000};
  EXPECT_EQ(d.quantile(0.5), 707);
  EXPECT_NEAR(d.expectation(), 1000, 1e-6);
}

TEST(Token_distribution, Loops_to_the_cap_with_their_share) {
  // 8.2 % of 32768 and 91.8 % of 917: the 3,525 tokens of reference/CHAINS.md section 5 within rounding of
  // the share.
  const TokenDistribution d{917, 0, 0.082, 32768};
  EXPECT_NEAR(d.expectation(), 3525, 5);
  EXPECT_EQ(d.quantile(0.9), 917);
  EXPECT_EQ(d.quantile(0.92), 32768);
}

TEST(Token_distribution, Expectation_is_the_mean_of_the_quantiles_also_where_the_cap_cuts) {
  const TokenDistribution d{500, 0.8, 0.1, 900};
  constexpr int kSteps = 200'000;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    sum += d.quantile((i + 0.5) / kSteps);
  }
  EXPECT_NEAR(sum / kSteps, d.expectation(), 0.1);
  EXPECT_LT(d.expectation(), 500 * 0.9 + 90);
}

TEST(Token_distribution, Where_answers_loop_more_tokens_are_more_loops) {
  // 1.731 * 3,529 = 0.163 * 32,768 + 0.837 * 917: measured 15.5 % (reference/CHAINS.md section 5).
  const TokenDistribution d = TokenDistribution{917, 0, 0.082, 32768}.inflated(1.731);
  EXPECT_NEAR(d.loop_share, 0.163, 5e-4);
  EXPECT_EQ(d.quantile(0.8), 917);
  EXPECT_NEAR(d.expectation(), 1.731 * (TokenDistribution{917, 0, 0.082, 32768}).expectation(), 1e-6);
}

TEST(Token_distribution, Where_nothing_loops_every_answer_gets_longer_up_to_the_cap) {
  const TokenDistribution d = TokenDistribution{300, 0, 0, 500}.inflated(1.5);
  EXPECT_EQ(d.loop_share, 0);
  EXPECT_EQ(d.quantile(0.5), 450);
  EXPECT_EQ(d.inflated(2).quantile(0.5), 500);
}

TEST(Token_distribution, Fewer_tokens_than_without_a_loop_are_shorter_answers) {
  const TokenDistribution d{2000, 0.5, 0.05, 32768};
  EXPECT_NEAR(d.inflated(0.4).expectation() / d.expectation(), 0.4, 1e-3);
  EXPECT_EQ(d.inflated(0.4).loop_share, 0);
}

TEST(Token_distribution, Is_never_below_one_token) {
  EXPECT_EQ((TokenDistribution{1, 5, 0, 10}).quantile(1e-6), 1);
}

}  // namespace
}  // namespace hopsim::spec
