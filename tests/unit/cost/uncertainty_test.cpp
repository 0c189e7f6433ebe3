// SPDX-License-Identifier: Apache-2.0
#include "cost/uncertainty.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hopsim::cost {
namespace {

auto family() -> spec::KernelFamily {
  spec::KernelFamily out;
  out.error90_permille.assign(kRegionCount, 100);
  out.measured = {{"m", {1, 64}}, {"n", {128, 1024}}};
  out.source.kind = Provenance::kFitted;
  return out;
}

auto work(double m, double n) -> KernelWork {
  KernelWork out;
  out.m = m;
  out.n = n;
  return out;
}

TEST(Uncertainty, Is_that_of_the_region_inside_what_was_measured) {
  const Uncertainty u = uncertainty_of(family(), work(8, 256), 1e-5);
  EXPECT_DOUBLE_EQ(u.error90, 0.1);
  EXPECT_EQ(u.reach, Reach::kInterpolated);
}

TEST(Uncertainty, Widens_for_each_octave_outside) {
  const Uncertainty u = uncertainty_of(family(), work(256, 256), 1e-5);  // m two octaves above 64
  EXPECT_DOUBLE_EQ(u.error90, std::hypot(0.1, 2 * kPerOctave));
  EXPECT_EQ(u.reach, Reach::kExtrapolated);
}

TEST(Uncertainty, Of_a_borrowed_family_adds_the_error_of_the_transfer) {
  spec::KernelFamily f = family();
  f.source.kind = Provenance::kBorrowed;
  f.transfer_error90 = 0.3;
  const Uncertainty u = uncertainty_of(f, work(8, 256), 1e-5);
  EXPECT_DOUBLE_EQ(u.error90, std::hypot(0.1, 0.3));
  EXPECT_EQ(u.reach, Reach::kBorrowed);
}

TEST(Uncertainty, Of_a_family_without_measurements_is_assumed) {
  const Uncertainty u = uncertainty_of(spec::KernelFamily{}, work(8, 256), 1e-5);
  EXPECT_DOUBLE_EQ(u.error90, kAssumedError90);
  EXPECT_EQ(u.reach, Reach::kSpecOnly);
}

TEST(Uncertainty, Regions_differ_by_warmth_rows_and_time) {
  KernelWork warm = work(8, 256);
  warm.warm = 1;
  EXPECT_NE(region_of(work(8, 256), 1e-5), region_of(warm, 1e-5));
  EXPECT_NE(region_of(work(8, 256), 1e-5), region_of(work(65, 256), 1e-5));
  EXPECT_NE(region_of(work(8, 256), 1e-6), region_of(work(8, 256), 1e-3));
}

}  // namespace
}  // namespace hopsim::cost
