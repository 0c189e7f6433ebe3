// SPDX-License-Identifier: Apache-2.0
#include "microbench/plan.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "microbench/options.hpp"
#include "microbench/power_classes.hpp"
#include "microbench/shapes.hpp"

namespace hopsim::microbench {
namespace {

TEST(Shapes, of_mistral_are_those_of_its_config) {
  // hidden 4096, 32 heads and 8 key-value heads of 128, ffn 14336, vocabulary 32000
  const std::vector<std::tuple<const char*, std::int64_t, std::int64_t>> want = {{"qkv", 6144, 4096},
                                                                                 {"o", 4096, 4096},
                                                                                 {"gate_up", 28672, 4096},
                                                                                 {"down", 4096, 14336},
                                                                                 {"lm_head", 32000, 4096}};
  for (const auto& [operation, n, k] : want) {
    int found = 0;
    for (const LayerShape& shape : layer_shapes()) {
      if ((" " + shape.uses + " ").find(" mistral-7b:" + std::string(operation) + " ") == std::string::npos)
        continue;
      ++found;
      EXPECT_EQ(shape.n, n) << operation;
      EXPECT_EQ(shape.k, k) << operation;
    }
    EXPECT_EQ(found, 1) << operation;
  }
}

TEST(Shapes, are_unique_and_fit_the_kernels_vectors) {
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  for (const LayerShape& shape : layer_shapes()) {
    EXPECT_TRUE(seen.insert({shape.n, shape.k}).second);
    EXPECT_EQ(shape.k % 64, 0) << shape.uses;              // nf4 blocks, and 16-byte rows of fp8 and int8
    EXPECT_EQ(shape.n * shape.k % 1024, 0) << shape.uses;  // blocks of dequant_int8
    EXPECT_EQ(shape.n % 16, 0) << shape.uses;              // fp8 outputs
  }
  EXPECT_GT(seen.size(), 35U);
}

TEST(Plan, starts_with_bf16_at_the_batches_of_end_to_end_tables) {
  const std::vector<Item> items = all_items();
  EXPECT_EQ(items.front().dtype, "bfloat16");
  EXPECT_EQ(items.front().group, Group::kGemm);
  for (std::size_t i = 1; i < items.size(); ++i) EXPECT_LE(items[i - 1].priority, items[i].priority);
}

TEST(Plan, has_no_row_twice) {
  std::set<std::tuple<std::string, std::string, std::int64_t, std::int64_t, std::int64_t, std::string>> seen;
  for (const Item& item : all_items()) {
    EXPECT_TRUE(seen.insert({item.kernel, item.dtype, item.m, item.n, item.k, item.residency}).second)
        << item.kernel << " " << item.m << " " << item.n;
  }
}

TEST(Plan, fits_into_four_minutes_on_a_gpu_of_3_TB_per_s) {
  double seconds = 0;
  for (const Item& item : all_items()) seconds += estimated_seconds(item, 3e12);
  EXPECT_LT(seconds, 240);
  EXPECT_GT(seconds, 30);
}

TEST(Plan, counts_weight_bytes_by_precision) {
  const Item bf16{Group::kGemm, 0, "cublaslt", "bfloat16", 1, 100, 64, "hbm", ""};
  Item nf4 = bf16, fp8 = bf16;
  nf4.dtype = "nf4";
  fp8.dtype = "fp8";
  EXPECT_EQ(weight_bytes(bf16), 12800);
  EXPECT_EQ(weight_bytes(fp8), 6400);
  EXPECT_EQ(weight_bytes(nf4), 3200);
}

TEST(Options, refuse_what_they_do_not_know) {
  EXPECT_THROW(static_cast<void>(parse_options({"--nope"})), UsageError);
  EXPECT_THROW(static_cast<void>(parse_options({"--only", "gemm,flops"})), UsageError);
  EXPECT_THROW(static_cast<void>(parse_options({"--budget"})), UsageError);
  EXPECT_THROW(static_cast<void>(parse_options({"--budget", "10s"})), UsageError);
  EXPECT_THROW(static_cast<void>(parse_options({"--window", "1"})), UsageError);
  const Options options = parse_options({"--only", "power,launch", "--budget", "12.5", "--out", "x"});
  EXPECT_EQ(options.parts, (std::set<std::string>{"power", "launch"}));
  EXPECT_DOUBLE_EQ(options.budget_s, 12.5);
  EXPECT_EQ(options.out, "x");
}

TEST(PowerTable, gives_energy_a_launch_and_the_closure_of_the_mix) {
  // Four parts of 100 W and 1 ms make 0.4 J; a round of the mix takes 4 ms at 125 W, 0.5 J: closure -0.2.
  std::map<std::string, std::vector<PowerWindow>> windows;
  for (const char* part : {"gemv_bf16_m1", "dequant_nf4", "gemm_bf16_m256", "add_hbm"}) {
    windows[part].push_back({100, 5, 1e-3, 10, 20, {}});
  }
  windows["mix"].push_back({125, 5, 4e-3, 40, 80, {}});
  const std::string text = power_table(windows);
  EXPECT_NE(text.find("\nadd_hbm,100,,0.1,5,1,10,20,,1000,"), std::string::npos) << text;
  EXPECT_NE(text.find("\nmix,125,,0.5,5,1,40,80,-0.2,4000,"), std::string::npos) << text;
  windows["add_hbm"].push_back({110, 5, 1e-3, 10, 20, {}});
  EXPECT_NE(power_table(windows).find("\nadd_hbm,105,63.53,"),
            std::string::npos);  // 12.706 * 7.071 / sqrt(2)
}

}  // namespace
}  // namespace hopsim::microbench
