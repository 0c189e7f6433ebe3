// SPDX-License-Identifier: Apache-2.0
#include "replay/folded/max_plus.hpp"

#include <gtest/gtest.h>

#include <random>

namespace hopsim::replay {
namespace {

auto random_matrix(std::mt19937_64& random) -> MaxPlus {
  const auto entry = [&] {
    return random() % 4 == 0 ? kNever : static_cast<std::int64_t>(random() % 1'000'000);
  };
  return {entry(), entry(), entry(), entry()};
}

TEST(Max_plus, A_product_acts_like_its_factors_one_after_the_other) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const MaxPlus a{5, 5, kNever, 0};  // a synchronisation
    const MaxPlus b = random_matrix(random);
    const TimePair t{static_cast<std::int64_t>(random() % 1000), static_cast<std::int64_t>(random() % 1000)};
    const TimePair one = (a * b) * t;
    const TimePair two = a * (b * t);
    EXPECT_EQ(std::max(one.host, kNever), std::max(two.host, kNever));
  }
}

TEST(Max_plus, The_identity_changes_nothing) {
  std::mt19937_64 random(2);
  const MaxPlus m = random_matrix(random);
  EXPECT_EQ(m * MaxPlus{}, m);
  EXPECT_EQ(MaxPlus{} * m, m);
}

TEST(Power, By_squaring_equals_the_repeated_product) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) {
    const MaxPlus m = random_matrix(random);
    MaxPlus product;
    for (int n = 0; n < 20; ++n) {
      EXPECT_EQ(power(m, n), product) << n;
      product = m * product;
    }
  }
}

TEST(Power, Does_not_overflow_for_layers_that_never_wait) {
  MaxPlus m{3, kNever, kNever, 4};
  m = power(m, 1'000'000);
  EXPECT_EQ(m.hh, 3'000'000);
  EXPECT_EQ(m.hs, kNever);
}

}  // namespace
}  // namespace hopsim::replay
