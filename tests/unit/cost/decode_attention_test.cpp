// SPDX-License-Identifier: Apache-2.0
// A made-up GPU: 1,000 GB/s, 10 SMs at the 1.5 GHz that constants are stated at, 1 MB of L2, so that 1 MB of
// HBM takes 1 us and 544,000 bytes of L2 take 1 us. With sharpness 1 the three limits add up.
#include "cost/forms/decode_attention.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "cost/forms/forms.hpp"

namespace hopsim::cost::forms {
namespace {

constexpr const char* kNames[] = {"attention_fa2", "attention_fa3", "attention_fi", "attention_trt"};

auto machine(double sms = 10) -> Machine {
  Machine out;
  out.bytes_per_s = 1e12;
  out.sms = sms;
  out.clock_hz = 1.5e9;
  out.l2_bytes = 1e6;
  return out;
}

using Values = std::map<std::string, double>;

// Neutral: bandwidths 1, limits add up, everything else 0.
auto us(const char* name, const Values& values, const KernelWork& work, const Machine& gpu = machine())
    -> double {
  const Form& form = *find(name);
  std::vector<double> p;
  for (const Parameter& parameter : form.parameters) {
    const auto found = values.find(std::string(parameter.name));
    const bool one = parameter.name == "hbm_efficiency" || parameter.name == "l2_factor" ||
                     parameter.name == "l2_share" || parameter.name == "sharpness";
    p.push_back(found != values.end() ? found->second : one ? 1 : 0);
  }
  return 1e6 * form.seconds(p.data(), gpu, work);
}

auto starts(const Form& form) -> std::vector<double> {
  std::vector<double> out;
  for (const Parameter& p : form.parameters) {
    out.push_back(p.starts.front());
  }
  return out;
}

TEST(Attention_cut, FlashAttention_2_takes_the_fewest_splits_near_the_best_last_wave) {
  // 8 heads on 2 x 10 slots, 8 blocks: 1 split uses 8/20, 2 use 16/20, 3 use 24/40, 4 use 32/40, 8 use 64/80.
  EXPECT_EQ(fa2_splits(8, 20, 8), 2);
  EXPECT_EQ(fa2_splits(16, 20, 8), 1);  // 80 % full as it is
  EXPECT_EQ(fa2_splits(1, 20, 8), 8);   // of 1 2 3 4 8 only the last uses 8/20
  // 6 splits leave 2 blocks to the longest as 5 do: not eligible, though 18/20 would be the best use.
  EXPECT_EQ(fa2_splits(3, 20, 9), 5);
}

TEST(Attention_cut, FlashAttention_2_neither_splits_nor_copies_where_each_query_head_has_its_keys) {
  const AttentionCut alone = attention_cut<AttentionKernel::kFa2>(10, attention_work(2, 1024, 8, 8, 128, 2));
  EXPECT_EQ(alone.splits, 1);
  EXPECT_EQ(alone.cls, 1U);
  EXPECT_FALSE(alone.copies);
  const AttentionCut grouped =
      attention_cut<AttentionKernel::kFa2>(10, attention_work(2, 1024, 8, 2, 128, 2));
  EXPECT_GT(grouped.splits, 1);
  EXPECT_TRUE(grouped.copies);
  EXPECT_FALSE(attention_cut<AttentionKernel::kFa2>(10, attention_work(1, 1024, 8, 2, 128, 2)).copies);
}

TEST(Attention_cut, FlashAttention_3_fills_the_sms_up_to_992_sequences) {
  // 8 blocks x 4 heads x 1.1 = 35.2 on 10 SMs: 4 blocks each, so 2 splits.
  EXPECT_EQ((attention_cut<AttentionKernel::kFa3>(10, attention_work(1, 1024, 16, 4, 128, 2)).splits), 2);
  // 8-bit keys come in blocks of 96: 11 x 4 x 1.1 = 48.4, 5 each, 3 splits.
  EXPECT_EQ((attention_cut<AttentionKernel::kFa3>(10, attention_work(1, 1024, 16, 4, 128, 1)).splits), 3);
  EXPECT_EQ((attention_cut<AttentionKernel::kFa3>(10, attention_work(992, 1024, 16, 4, 128, 2)).cls), 0U);
  EXPECT_EQ((attention_cut<AttentionKernel::kFa3>(10, attention_work(993, 1024, 16, 4, 128, 2)).cls), 1U);
}

TEST(Attention_cut, FlashInfer_splits_over_two_ctas_an_sm_and_trtllm_over_one) {
  const KernelWork work = attention_work(1, 4096, 8, 2, 128, 2);
  EXPECT_EQ(attention_cut<AttentionKernel::kFlashinfer>(10, work).splits, 10);  // 20 / 2
  EXPECT_EQ(attention_cut<AttentionKernel::kTrtllm>(10, work).splits, 5);
  const KernelWork brief = attention_work(1, 300, 8, 2, 128, 2);
  EXPECT_EQ(attention_cut<AttentionKernel::kFlashinfer>(10, brief).splits, 3);  // of 128 tokens at least
  EXPECT_EQ(attention_cut<AttentionKernel::kTrtllm>(10, brief).splits, 2);      // of a block of 256
}

TEST(Decode_attention, Has_only_parameters_that_its_kernel_can_use) {
  EXPECT_EQ(find("attention_fa2")->parameters.size(), 35U);
  EXPECT_EQ(find("attention_fa3")->parameters.size(), 34U);
  EXPECT_EQ(find("attention_fi")->parameters.size(), 41U);
  EXPECT_EQ(find("attention_trt")->parameters.size(), 42U);
}

TEST(Decode_attention, Fa2_known_answers) {
  // 2 x 2 bytes x 4 x 1024 x 2 x 128 = 4.194304 MB of keys and values, 4 x 4 x 8 x 128 = 16,384 bytes of
  // queries and outputs. 8 heads on 20 slots, 8 blocks: 2 splits (above), 4 blocks of 128 tokens each, 1.6
  // CTAs an SM.
  const KernelWork work = attention_work(4, 1024, 8, 2, 128, 2);
  EXPECT_NEAR(us("attention_fa2", {}, work), 4.194304, 1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"query_factor", 2}}, work), 4.194304 + 0.032768, 1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"chain_us", 3}, {"chain_us_per_block", 0.5}}, work),
              4.194304 + 3 + 4 * 0.5, 1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"piece_us", 3}, {"piece_us_per_block", 0.5}}, work), 4.194304 + 1.6 * 5,
              1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"piece_us", 3}, {"wave_share", 1}}, work), 4.194304 + 2 * 3, 1e-9);
  // group 4: two doublings
  EXPECT_NEAR(us("attention_fa2", {{"chain_us", 3}, {"group_chain", 0.5}}, work),
              4.194304 + 3 * std::exp(1.0), 1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"t0_us", 5}, {"sequence_us", 0.1}, {"kv_head_us", 0.2}}, work),
              4.194304 + 5 + 0.4 + 0.4, 1e-9);
  EXPECT_NEAR(
      us("attention_fa2", {{"split_us", 4}, {"combine_us_per_split", 0.5}, {"combine_factor", 3}}, work),
      4.194304 + 4 + 1 + 3 * 0.016384 * 2, 1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"copy_us", 4}, {"copy_factor", 3}}, work), 4.194304 + 4 + 3 * 0.016384,
              1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"cold_us", 2}}, work), 4.194304 + 2, 1e-9);  // more than L2
  // Each query head with its own keys: class 1.
  const KernelWork own = attention_work(4, 128, 2, 2, 128, 2);
  EXPECT_NEAR(us("attention_fa2", {{"t0_us", 5}, {"class1_t0", 0.7}}, own), 0.524288 + 5 * std::exp(0.7),
              1e-9);
  // 0.524288 of 1 MB: a smaller cold start.
  EXPECT_NEAR(us("attention_fa2", {{"cold_us", 2}}, own), 0.524288 * 3, 1e-9);
}

TEST(Decode_attention, Fa3_known_answers) {
  // 2,097,152 bytes; 8 blocks, 2 splits (above) of 4 blocks: 0.8 CTAs an SM, one wave.
  const KernelWork work = attention_work(1, 1024, 16, 4, 128, 2);
  EXPECT_NEAR(us("attention_fa3", {{"piece_us", 3}, {"piece_us_per_block", 0.5}}, work), 2.097152 + 0.8 * 5,
              1e-9);
  EXPECT_NEAR(us("attention_fa3", {{"piece_us", 3}, {"wave_share", 1}}, work), 2.097152 + 3, 1e-9);
  // 1,000 sequences are not split: 4,000 CTAs of 8 blocks; two doublings in class 1.
  const KernelWork many = attention_work(1000, 1024, 16, 4, 128, 2);
  EXPECT_NEAR(us("attention_fa3", {{"piece_us", 1}, {"group_piece", 0.3}, {"group_piece_class", 0.2}}, many),
              2097.152 + 400 * std::exp(2 * 0.5), 1e-6);
}

TEST(Decode_attention, FlashInfer_known_answers) {
  // 8-bit keys of 64 dims fill half a line. 2 x 1 x 4 x 1024 x 2 x 64 = 1.048576 MB. 20 / 8 slots: 2 splits
  // of 8 blocks of 64 tokens, each 64 x 64 / 32768 = 1/8 of the unit.
  const KernelWork work = attention_work(4, 1024, 8, 2, 64, 1);
  EXPECT_NEAR(us("attention_fi", {{"chain_us_per_block", 3}}, work), 1.048576 + 3, 1e-9);
  // ln(4 x 2 / 10) at its onset: half of the waste.
  EXPECT_NEAR(us("attention_fi", {{"short_row_waste", 1}, {"short_row_onset", std::log(0.8)}}, work),
              1.048576 * 1.5, 1e-9);
  EXPECT_NEAR(us("attention_fi", {{"t0_us", 5}, {"head64_t0", 0.3}}, work), 1.048576 + 5 * std::exp(0.3),
              1e-9);
  EXPECT_NEAR(us("attention_fi", {{"head64_hbm", -0.2}}, work), 1.048576 * std::exp(0.2), 1e-9);
  // 32 query heads a KV head: a tile of 64 rows; class 2 for heads of 64, class 1 for heads of 128.
  EXPECT_NEAR(us("attention_fi", {{"t0_us", 5}, {"class2_t0", 0.4}}, attention_work(4, 1024, 64, 2, 64, 1)),
              1.048576 + 5 * std::exp(0.4), 1e-9);
  EXPECT_NEAR(us("attention_fi", {{"t0_us", 5}, {"class1_t0", 0.4}}, attention_work(4, 1024, 64, 2, 128, 1)),
              2.097152 + 5 * std::exp(0.4), 1e-9);
}

TEST(Decode_attention, Trtllm_known_answers) {
  // 2 x 2 x 4096 x 2 x 128 = 4.194304 MB; 5 splits (above) of 16 blocks: 4 blocks of 256 tokens, 8 units.
  const KernelWork work = attention_work(1, 4096, 8, 2, 128, 2);
  EXPECT_NEAR(us("attention_trt", {{"chain_us_per_block", 0.5}}, work), 4.194304 + 4, 1e-9);
  EXPECT_NEAR(us("attention_trt", {{"reduction_us", 3}}, work), 4.194304, 1e-9);
  // 64 query heads a KV head: class 3, and partial results by a kernel of their own.
  const KernelWork wide = attention_work(1, 4096, 128, 2, 128, 2);
  EXPECT_NEAR(us("attention_trt", {{"t0_us", 5}, {"class3_t0", 0.4}, {"reduction_us", 3}}, wide),
              4.194304 + 5 * std::exp(0.4) + 3, 1e-9);
}

TEST(Decode_attention, Limits_join_by_a_power_and_launches_follow_the_clock) {
  const KernelWork work = attention_work(4, 1024, 8, 2, 128, 2);
  EXPECT_NEAR(us("attention_fa2", {{"sharpness", 2}, {"chain_us", 3}}, work), std::hypot(4.194304, 3), 1e-9);
  Machine fast = machine();
  fast.clock_hz = 3e9;
  EXPECT_NEAR(us("attention_fa2", {{"t0_us", 5}}, work, fast), 4.194304 + 2.5, 1e-9);
}

TEST(Decode_attention, A_replayed_cache_that_fits_l2_is_read_from_there) {
  KernelWork work = attention_work(1, 128, 2, 2, 128, 2);  // 131,072 bytes
  work.copies = 1;
  EXPECT_NEAR(us("attention_fa2", {{"l2_slope", 14}}, work), 0.131072 / 0.544, 1e-9);
  EXPECT_NEAR(us("attention_fa2", {{"l2_slope", 14}, {"l2_share", 0.131072}}, work),
              0.5 * 0.131072 + 0.5 * 0.131072 / 0.544, 1e-9);
}

// Longer contexts and more sequences are never much faster: splits may save up to a tenth.
TEST(Decode_attention, Grows_with_context_and_batch_but_for_splits) {
  const Machine gpu = machine(108);
  for (const char* name : kNames) {
    const Form& form = *find(name);
    const std::vector<double> p = starts(form);
    const auto at = [&](double batch, double kv_len, double heads) {
      return form.seconds(p.data(), gpu, attention_work(batch, kv_len, 32, heads, 128, 2));
    };
    for (const double heads : {1.0, 8.0, 32.0}) {
      for (double batch = 1; batch <= 1024; batch *= 2) {
        double longest = 0;
        for (double kv_len = 1; kv_len <= 131072; kv_len = std::ceil(kv_len * 1.3)) {
          const double t = at(batch, kv_len, heads);
          EXPECT_GT(t, 0.9 * longest) << name << ' ' << batch << ' ' << kv_len << ' ' << heads;
          EXPECT_GT(at(2 * batch, kv_len, heads), 0.9 * t) << name << ' ' << batch << ' ' << kv_len;
          longest = std::max(longest, t);
        }
      }
    }
  }
}

TEST(Decode_attention, A_cold_cache_is_never_faster_than_a_replayed_one) {
  Machine gpu = machine(108);
  gpu.l2_bytes = 40e6;
  for (const char* name : kNames) {
    const Form& form = *find(name);
    const std::vector<double> p = starts(form);
    for (double batch = 1; batch <= 2048; batch *= 4) {
      for (double kv_len = 1; kv_len <= 131072; kv_len *= 4) {
        KernelWork work = attention_work(batch, kv_len, 32, 8, 128, 2);
        const double cold = form.seconds(p.data(), gpu, work);
        work.copies = 1;
        EXPECT_GE(cold, form.seconds(p.data(), gpu, work)) << name << ' ' << batch << ' ' << kv_len;
      }
    }
  }
}

TEST(Decode_attention, An_empty_context_counts_as_one_token) {
  for (const char* name : kNames) {
    const Form& form = *find(name);
    const std::vector<double> p = starts(form);
    EXPECT_EQ(form.seconds(p.data(), machine(), attention_work(1, 0, 8, 2, 128, 2)),
              form.seconds(p.data(), machine(), attention_work(1, 1, 8, 2, 128, 2)));
  }
}

}  // namespace
}  // namespace hopsim::cost::forms
