// SPDX-License-Identifier: Apache-2.0
// Contexts. A prefill of p tokens yields the first of d decoded tokens; the others are d - 1 decode steps.
// The last token's keys and values enter the cache with the next hop's prefill, so a hop after one that
// started at c has
//   context_before = c + p + d - 1,   prefill = its prompt + 1.
#include "spec/chain.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::spec {
namespace {

constexpr const char* kHead =
    "hopsim: chain/1\nname: c\ntitle: t\naccuracy_16bit: {value: 0.5, kind: assumed, source: s}\n"
    "kind: assumed\nsource: s\n";

auto load(const std::string& body) -> ChainSpec {
  const test::TempDir dir;
  return load_chain(dir.write("c.yaml", kHead + body));
}

TEST(Chain, A_line_carries_its_context_along) {
  const ChainSpec c = line_chain(3, 100, 20, 10, 0.5);
  ASSERT_EQ(c.hops.size(), 3U);
  EXPECT_EQ(c.hops[0].context_before, 0);
  EXPECT_EQ(c.hops[0].prefill_tokens, 100);
  EXPECT_EQ(c.hops[1].context_before, 109);
  EXPECT_EQ(c.hops[1].prefill_tokens, 21);
  EXPECT_EQ(c.hops[2].context_before, 109 + 21 + 9);
  EXPECT_EQ(c.decode_tokens(), 30);
}

TEST(Chain, A_join_reuses_the_longest_branch_and_prefills_what_the_others_wrote) {
  const ChainSpec c = load(
      "hops:\n"
      "  - {id: vote, after: [a, b], prompt_tokens: 5, decode_tokens: 1}\n"
      "  - {id: root, prompt_tokens: 100, decode_tokens: 10}\n"
      "  - {id: a, after: [root], prompt_tokens: 0, decode_tokens: 30}\n"
      "  - {id: b, after: [root], prompt_tokens: 0, decode_tokens: 50}\n");
  ASSERT_EQ(c.hops.size(), 4U);
  EXPECT_EQ(c.hops[0].id, "root");  // sorted: every hop after those that it waits for
  const HopSpec& vote = c.hops[3];
  EXPECT_EQ(vote.id, "vote");
  EXPECT_EQ(vote.context_before, 109 + 1 + 49);  // branch b: prefill 1, decode 50
  EXPECT_EQ(vote.prefill_tokens, 5 + 1 + 30);    // its prompt, b's last token, what a wrote
}

TEST(Chain, A_join_does_not_prefill_what_its_longest_branch_went_through) {
  const auto join = [](const std::string& after) {
    return load(
               "hops:\n  - {id: a, prompt_tokens: 100, decode_tokens: 10}\n"
               "  - {id: b, after: [a], prompt_tokens: 5, decode_tokens: 10}\n"
               "  - {id: c, after: [" +
               after + "], prompt_tokens: 7, decode_tokens: 1}\n")
        .hops[2];
  };
  EXPECT_EQ(join("b").prefill_tokens, 8);
  EXPECT_EQ(join("a, b").prefill_tokens, 8);
  EXPECT_NE(test::input_error([&] { static_cast<void>(join("b, b")); }).find("twice"), std::string::npos);
}

TEST(Chain, Branches_keep_their_cache_until_what_continues_them_has_run) {
  // A line holds one context at a time: all of it belongs to the last hop.
  const ChainSpec line = line_chain(3, 100, 0, 10, 0);
  EXPECT_EQ(line.peak_cache_tokens(), 100 + 10 + 2 * 11);
  // A tree runs wave by wave: root, two children, four leaves at once.
  const ChainSpec tree = load(
      "tree: {depth: 3, branches: 2, prompt_tokens: 100, next_prompt_tokens: 0, decode_tokens: 10, pause_s: "
      "0}\n");
  EXPECT_EQ(tree.peak_cache_tokens(), 110 + 2 * 11 + 4 * 11);
}

TEST(Chain, A_tree_has_a_branch_of_each_hop) {
  const ChainSpec c = load(
      "tree: {depth: 3, branches: 2, prompt_tokens: 9, next_prompt_tokens: 0, decode_tokens: 4, pause_s: "
      "0}\n");
  ASSERT_EQ(c.hops.size(), 7U);
  EXPECT_EQ(c.hops[1].after, std::vector<std::size_t>{0});
  EXPECT_EQ(c.hops[6].after, std::vector<std::size_t>{2});
}

TEST(Chain, A_fan_in_joins_all_branches) {
  const ChainSpec c =
      load("fan_in: {branches: 3, prompt_tokens: 9, next_prompt_tokens: 0, decode_tokens: 4, pause_s: 0}\n");
  ASSERT_EQ(c.hops.size(), 5U);
  EXPECT_EQ(c.hops[4].after.size(), 3U);
}

TEST(Chain, Refuses_circles_unknown_hops_two_shapes_and_nothing_to_do) {
  const auto error = [](const std::string& body) {
    return test::input_error([&] { static_cast<void>(load(body)); });
  };
  EXPECT_NE(error("hops:\n  - {id: a, after: [b], prompt_tokens: 1, decode_tokens: 1}\n"
                  "  - {id: b, after: [a], prompt_tokens: 1, decode_tokens: 1}\n")
                .find("run in a circle"),
            std::string::npos);
  EXPECT_NE(error("hops:\n  - {id: alpha, prompt_tokens: 1, decode_tokens: 1}\n"
                  "  - {id: b, after: [alpa], prompt_tokens: 1, decode_tokens: 1}\n")
                .find("did you mean 'alpha'?"),
            std::string::npos);
  EXPECT_NE(error("hops: []\n").find("at least one hop"), std::string::npos);
  EXPECT_NE(error("").find("exactly one of"), std::string::npos);
  EXPECT_NE(error("hops:\n  - {id: a, prompt_tokens: 0, decode_tokens: 1}\n").find("nothing to prefill"),
            std::string::npos);
  EXPECT_NE(error("hops:\n  - {id: a, prompt_tokens: 1, decode_tokens: 0}\n").find("out of range"),
            std::string::npos);
}

TEST(Chain, A_hop_that_lost_its_cache_prefills_the_whole_context) {
  // 100 prompt + 10 decoded, the next hop's prompt of 20; then 130 + 10 - 1 known tokens and 1 + 20 new ones.
  const ChainSpec c = load(
      "line: {hops: 3, prompt_tokens: 100, next_prompt_tokens: 20, decode_tokens: 10, pause_s: 0, kv: "
      "reprefill}\n");
  EXPECT_EQ(c.hops[1].context_before, 0);
  EXPECT_EQ(c.hops[1].prefill_tokens, 100 + 10 + 20);
  EXPECT_EQ(c.hops[2].prefill_tokens, 130 + 10 + 20);
  const ChainSpec reuse = line_chain(3, 100, 20, 10, 0);
  EXPECT_EQ(c.max_context(), reuse.max_context());
  EXPECT_EQ(c.peak_cache_tokens(), 160 + 10);  // of the last hop alone
  EXPECT_NE(test::input_error([] {
              static_cast<void>(load("hops:\n  - {id: a, prompt_tokens: 1, decode_tokens: 1, kv: keep}\n"));
            }).find("c.yaml:8:"),
            std::string::npos);
}

TEST(Chain, Hops_stand_by_depth_whatever_their_order_in_the_file) {
  const ChainSpec c = load(
      "hops:\n  - {id: a, prompt_tokens: 1, decode_tokens: 1}\n"
      "  - {id: a2, after: [a], prompt_tokens: 1, decode_tokens: 1}\n"
      "  - {id: b, prompt_tokens: 1, decode_tokens: 1}\n");
  EXPECT_EQ(c.hops[1].id, "b");
  EXPECT_EQ(c.hops[2].id, "a2");
  EXPECT_EQ(c.hops[2].wave, 1);
  EXPECT_EQ(c.depth(), 2);
}

TEST(Chain, A_distribution_gives_its_expectation_and_what_a_sample_draws) {
  const ChainSpec c = load(
      "line:\n  hops: 2\n  prompt_tokens: 100\n  next_prompt_tokens: 0\n  pause_s: 0\n"
      "  decode_tokens: {mean: 300, cv: 0, loop_share: 0.5, cap_tokens: 500}\n");
  EXPECT_TRUE(c.varies());
  EXPECT_EQ(c.hops[0].decode_tokens, 400);
  EXPECT_FALSE(line_chain(2, 1, 0, 5, 0).varies());
  const ChainSpec one = drawn(c, 1, 0);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(one.hops[i].decode_tokens == 300 || one.hops[i].decode_tokens == 500);
  }
  EXPECT_EQ(one.hops[1].context_before, 100 + one.hops[0].decode_tokens - 1);
}

TEST(Chain, Inflation_of_a_distribution_keeps_its_cap) {
  const ChainSpec c = load(
      "line:\n  hops: 2\n  prompt_tokens: 100\n  next_prompt_tokens: 0\n  pause_s: 0\n"
      "  decode_tokens: {mean: 300, cv: 0, loop_share: 0.5, cap_tokens: 500}\n");
  EXPECT_EQ(inflated(c, 1.1).hops[0].decode_tokens, 440);
  EXPECT_EQ(inflated(c, 2).hops[0].decode_tokens, 500);
  EXPECT_EQ(drawn(inflated(c, 2), 1, 0).hops[0].decode_tokens, 500);
}

TEST(Chain, Refuses_a_distribution_that_is_none) {
  const auto error = [](const std::string& decode) {
    return test::input_error([&] {
      static_cast<void>(load("hops:\n  - {id: a, prompt_tokens: 1, decode_tokens: " + decode + "}\n"));
    });
  };
  EXPECT_NE(error("{mean: 300, cv: 0.5, loop_share: 2, cap_tokens: 500}").find("c.yaml:8:"),
            std::string::npos);
  EXPECT_NE(error("{mean: 300, cv: 0.5, loop_share: 0}").find("cap_tokens"), std::string::npos);
  EXPECT_NE(error("{mena: 300, cv: 0.5, loop_share: 0, cap_tokens: 5}").find("did you mean 'mean'?"),
            std::string::npos);
}

TEST(Chain, Refuses_caps_that_no_context_could_hold_whatever_is_drawn) {
  const std::string hop =
      "prompt_tokens: 1, decode_tokens: {mean: 300, cv: 0.5, loop_share: 0.01, cap_tokens: 6000000}";
  const std::string error = test::input_error([&] {
    static_cast<void>(load("hops:\n  - {id: a, " + hop + "}\n  - {id: b, after: [a], " + hop + "}\n"));
  });
  EXPECT_NE(error.find("hop 'b' has a context above 10000000 tokens"), std::string::npos) << error;
  EXPECT_NE(error.find("c.yaml:1:"), std::string::npos) << error;
}

TEST(Chain, Inflation_lengthens_what_is_decoded_and_the_context_with_it) {
  const ChainSpec c = inflated(line_chain(2, 100, 0, 10, 0), 1.5);
  EXPECT_EQ(c.hops[0].decode_tokens, 15);
  EXPECT_EQ(c.hops[1].context_before, 114);
  EXPECT_EQ(c.decode_tokens(), 30);
}

}  // namespace
}  // namespace hopsim::spec
