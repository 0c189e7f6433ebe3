// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace hopsim {
namespace {

const std::vector<std::string> kKeys = {"hbm_gb_s", "tdp_w", "boost_mhz"};

TEST(Nearest, Finds_a_misspelling_and_a_swap_of_letters) {
  EXPECT_EQ(nearest("hmb_gb_s", kKeys), "hbm_gb_s");
  EXPECT_EQ(nearest("bost_mhz", kKeys), "boost_mhz");
}

TEST(Nearest, Suggests_nothing_for_a_word_of_its_own) { EXPECT_EQ(nearest("colour", kKeys), ""); }

TEST(Suggestion, Names_the_near_one_and_all_that_is_allowed) {
  EXPECT_EQ(suggestion("tpd_w", kKeys), "did you mean 'tdp_w'? allowed: hbm_gb_s, tdp_w, boost_mhz");
  EXPECT_EQ(suggestion("colour", kKeys), "allowed: hbm_gb_s, tdp_w, boost_mhz");
}

}  // namespace
}  // namespace hopsim
