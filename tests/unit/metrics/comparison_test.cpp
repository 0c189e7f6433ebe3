// SPDX-License-Identifier: Apache-2.0
#include "metrics/comparison.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hopsim::metrics {
namespace {

auto performance_of(double latency_s, double energy_j, double accuracy = 0.8) -> Performance {
  Performance p;
  p.latency_s = latency_s;
  p.energy_j = energy_j;
  p.accuracy = accuracy;
  p.j_per_correct = energy_j / accuracy;
  return p;
}

TEST(Compare, Energy_ratio_is_one_plus_COR_times_the_ratio_of_powers) {
  const Comparison c = compare(performance_of(3, 300), performance_of(2, 400), {});
  EXPECT_DOUBLE_EQ(c.cor, 0.5);
  EXPECT_DOUBLE_EQ(c.energy_ratio, (1 + c.cor) * (300.0 / 3) / (400.0 / 2));
}

TEST(Compare, Verdicts_cover_the_four_corners) {
  const Performance anchor = performance_of(2, 400);
  EXPECT_EQ(compare(performance_of(1, 300), anchor, {}).verdict, Verdict::kDissolved);
  EXPECT_EQ(compare(performance_of(1, 500), anchor, {}).verdict, Verdict::kEnergyTrap);
  EXPECT_EQ(compare(performance_of(3, 300), anchor, {}).verdict, Verdict::kLatencyTrap);
  EXPECT_EQ(compare(performance_of(3, 500), anchor, {}).verdict, Verdict::kFullTrap);
  EXPECT_EQ(compare(anchor, anchor, {}).verdict, Verdict::kDissolved);
}

TEST(Compare, Losing_right_answers_can_cost_more_than_energy_saves) {
  const Comparison c = compare(performance_of(1, 390, 0.7), performance_of(2, 400, 0.8), {});
  EXPECT_EQ(c.verdict, Verdict::kDissolved);
  EXPECT_TRUE(c.accuracy_trap);
  EXPECT_DOUBLE_EQ(c.j_per_correct_ratio, (390 / 0.7) / (400 / 0.8));
}

TEST(Compare, An_unknown_accuracy_gives_no_ratio_no_index_and_no_accuracy_trap) {
  Performance q = performance_of(1, 390);
  q.accuracy = q.j_per_correct = 0;
  const Comparison c = compare(q, performance_of(2, 400), {});
  EXPECT_FALSE(c.accuracy_known);
  EXPECT_FALSE(c.accuracy_trap);
  EXPECT_EQ(c.verdict, Verdict::kDissolved);
  EXPECT_EQ(c.j_per_correct_ratio, 0);
  EXPECT_EQ(c.si, 0);
}

TEST(Sustainability_index, Is_the_weighted_mean_of_trust_throughput_and_inverse_energy) {
  // T = 0.7, E = 1 / 1.5, S = 1 / 1.5: the check of reference/LITERATURE.md section 1, 0.68.
  const Performance anchor = performance_of(2, 400, 0.8);
  const Performance q = performance_of(3, 600, 0.56);
  EXPECT_NEAR(compare(q, anchor, {}).si, std::cbrt(0.7 / 1.5 / 1.5), 1e-12);
  SiOptions arithmetic;
  arithmetic.mean = SiOptions::Mean::kArithmetic;
  EXPECT_NEAR(compare(q, anchor, arithmetic).si, (0.7 + 2 / 1.5) / 3, 1e-12);
  SiOptions only_trust{1, 0, 0, SiOptions::Mean::kGeometric};
  EXPECT_NEAR(compare(q, anchor, only_trust).si, 0.7, 1e-12);
}

TEST(Sustainability_index, Is_1_for_16_bit_itself) {
  const Performance anchor = performance_of(2, 400);
  EXPECT_DOUBLE_EQ(compare(anchor, anchor, {}).si, 1);
}

TEST(Cor_kernel, Is_casting_over_all_other_kernels) {
  Performance q = performance_of(3, 300);
  q.class_s[static_cast<std::size_t>(KernelClass::kDequant)] = 1;
  q.class_s[static_cast<std::size_t>(KernelClass::kQuant)] = 0.5;
  q.class_s[static_cast<std::size_t>(KernelClass::kGemm)] = 2;
  q.class_s[static_cast<std::size_t>(KernelClass::kNorm)] = 1;
  EXPECT_DOUBLE_EQ(compare(q, performance_of(2, 400), {}).cor_kernel, 0.5);
}

}  // namespace
}  // namespace hopsim::metrics
