// SPDX-License-Identifier: Apache-2.0
#include "app/quantity_text.hpp"

#include <gtest/gtest.h>

namespace hopsim::app {
namespace {

TEST(QuantityText, Has_three_significant_digits_and_no_exponent) {
  EXPECT_EQ(digits_text(23.456), "23.5");
  EXPECT_EQ(digits_text(0.031742), "0.0317");
  EXPECT_EQ(digits_text(12345), "12300");
  EXPECT_EQ(digits_text(9.996), "10.0");
  EXPECT_EQ(digits_text(999.6), "1000");
  EXPECT_EQ(digits_text(1), "1.00");
  EXPECT_EQ(digits_text(-2.5), "-2.50");
  EXPECT_EQ(digits_text(0), "0");
}

TEST(QuantityText, Picks_the_unit_that_the_rounded_number_fills) {
  EXPECT_EQ(seconds_text(42.64), "42.6 s");
  EXPECT_EQ(seconds_text(0.00476), "4.76 ms");
  EXPECT_EQ(seconds_text(1.2e-5), "12.0 us");
  EXPECT_EQ(seconds_text(0.9996), "1.00 s");
  EXPECT_EQ(seconds_text(0), "0 s");
  EXPECT_EQ(joules_text(7055), "7.06 kJ");
  EXPECT_EQ(joules_text(0.165), "165 mJ");
  EXPECT_EQ(joules_text(3.2e6), "3.20 MJ");
  EXPECT_EQ(dollars_text(0.0317), "$0.0317");
}

TEST(QuantityText, A_factor_shows_its_distance_to_one) {
  EXPECT_EQ(factor_text(1.726), "1.73x");
  EXPECT_EQ(factor_text(12.34), "12.3x");
  EXPECT_EQ(factor_text(0.4), "0.40x");
  EXPECT_EQ(factor_text(1.0042), "1.0042x");
  EXPECT_EQ(factor_text(0.957), "0.957x");
  EXPECT_EQ(factor_text(1), "1.00x");
  EXPECT_EQ(factor_text(1.0000001), "1.0000x");
}

}  // namespace
}  // namespace hopsim::app
