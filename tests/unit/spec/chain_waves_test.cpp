// SPDX-License-Identifier: Apache-2.0
// By hand. Branches of one wave: prefills of equal shape together, then decode steps in a batch that shrinks.
#include "spec/chain_waves.hpp"

#include <gtest/gtest.h>

namespace hopsim::spec {
namespace {

auto hop(const char* id, std::vector<std::size_t> after, int prompt, int decode) -> HopSpec {
  HopSpec out;
  out.id = id;
  out.after = std::move(after);
  out.prompt_tokens = prompt;
  out.decode_tokens = decode;
  return out;
}

auto chain_of(std::vector<HopSpec> hops) -> ChainSpec {
  ChainSpec out;
  out.hops = std::move(hops);
  return make_chain(std::move(out), Location{});
}

TEST(Waves, A_line_is_a_wave_a_hop) {
  const std::vector<Wave> w = waves(line_chain(2, 100, 20, 10, 0));
  ASSERT_EQ(w.size(), 2U);
  ASSERT_EQ(w[1].prefills.size(), 1U);
  EXPECT_EQ(w[1].prefills[0].tokens, 21);
  EXPECT_EQ(w[1].prefills[0].context, 130);
  ASSERT_EQ(w[1].decodes.size(), 1U);
  EXPECT_EQ(w[1].decodes[0].steps, 9);
  EXPECT_EQ(w[1].decodes[0].first_context, 131);
  EXPECT_EQ(w[1].decodes[0].ended, std::vector<std::size_t>{1});
}

TEST(Waves, A_hop_that_prefills_one_token_only_decodes) {
  const std::vector<Wave> w = waves(line_chain(2, 100, 0, 10, 0));
  EXPECT_TRUE(w[1].prefills.empty());
  EXPECT_EQ(w[1].decodes[0].steps, 10);
  EXPECT_EQ(w[1].decodes[0].first_context, 110);
}

TEST(Waves, A_batch_shrinks_as_branches_end) {
  // After 109 tokens in the cache: prefills of 5, 5 and 1 + 8; 4, 6 and 6 decode steps.
  const std::vector<Wave> w = waves(
      chain_of({hop("root", {}, 100, 10), hop("a", {0}, 4, 5), hop("b", {0}, 4, 7), hop("c", {0}, 8, 7)}));
  ASSERT_EQ(w.size(), 2U);
  ASSERT_EQ(w[1].prefills.size(), 2U);
  EXPECT_EQ(w[1].prefills[0].width, 2);
  EXPECT_EQ(w[1].prefills[0].tokens, 5);
  EXPECT_EQ(w[1].prefills[1].width, 1);
  EXPECT_EQ(w[1].prefills[1].tokens, 9);
  ASSERT_EQ(w[1].decodes.size(), 2U);
  EXPECT_EQ(w[1].decodes[0].width, 3);
  EXPECT_EQ(w[1].decodes[0].steps, 4);
  EXPECT_EQ(w[1].decodes[0].first_context, 117);  // mean of 115, 115, 119, rounded up
  EXPECT_EQ(w[1].decodes[0].ended, std::vector<std::size_t>{1});
  EXPECT_EQ(w[1].decodes[1].width, 2);
  EXPECT_EQ(w[1].decodes[1].steps, 2);
  EXPECT_EQ(w[1].decodes[1].first_context, 121);  // mean of 119 and 123
  EXPECT_EQ(w[1].decodes[1].ended, (std::vector<std::size_t>{2, 3}));
}

TEST(Waves, A_branch_of_one_token_ends_with_its_prefill) {
  const std::vector<Wave> w = waves(chain_of({hop("a", {}, 7, 1), hop("b", {}, 9, 3)}));
  ASSERT_EQ(w[0].decodes.size(), 2U);
  EXPECT_EQ(w[0].decodes[0].steps, 0);
  EXPECT_EQ(w[0].decodes[0].ended, std::vector<std::size_t>{0});
  EXPECT_EQ(w[0].decodes[1].steps, 2);
  EXPECT_EQ(w[0].decodes[1].width, 1);
}

}  // namespace
}  // namespace hopsim::spec
