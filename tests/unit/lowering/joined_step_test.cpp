// SPDX-License-Identifier: Apache-2.0
#include "lowering/joined_step.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "spec/catalog.hpp"

namespace hopsim::lowering {
namespace {

using Kind = Call::Kind;

class Joined : public ::testing::Test {
 protected:
  // NF4 at batch 8: each linear layer dequantises, then runs the product of 16 bit.
  auto join(const std::string& anchor, const std::string& q) -> JoinedStep {
    const spec::ModelSpec& model = catalog.model("mistral-7b");
    return joined(lower_step(model, catalog.stack(anchor), 8, 1), lower_step(model, catalog.stack(q), 8, 1),
                  catalog.stack(q).linear_bytes_per_weight,
                  [](const Call& call) { return call.bytes.at_zero; });
  }
  static auto calls(const StepWork& work, const std::string& op) -> std::vector<Call> {
    std::vector<Call> out;
    std::copy_if(work.layer.begin(), work.layer.end(), std::back_inserter(out),
                 [&](const Call& call) { return call.op == op; });
    return out;
  }

  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
};

TEST_F(Joined, A_kernel_without_a_launch_follows_the_one_before_it) {
  const auto o = calls(join("hf-eager/bf16", "bnb/nf4@0.45").step({.dequant = true}), "o_proj");
  ASSERT_EQ(o.size(), 2U);
  EXPECT_EQ(o[0].cls, KernelClass::kDequant);
  EXPECT_EQ(o[0].kind, Kind::kGraphNode);
  EXPECT_EQ(o[0].dispatch_us, 0);
  EXPECT_EQ(o[1].kind, Kind::kKernel);
  EXPECT_EQ(o[1].dispatch_us, 28);
}

TEST_F(Joined, A_launch_without_its_kernel_still_costs_the_host_its_time) {
  const auto o = calls(join("hf-eager/bf16", "bnb/nf4@0.45").step({.host = true}), "o_proj");
  ASSERT_EQ(o.size(), 2U);
  EXPECT_EQ(o[0].kind, Kind::kHostWork);
  EXPECT_EQ(o[0].dispatch_us, 100);
  EXPECT_EQ(o[1].kind, Kind::kKernel);
  EXPECT_EQ(o[1].dispatch_us, 41);
  EXPECT_EQ(o[1].family, "gemm_bf16");
}

TEST_F(Joined, Weights_that_q_widens_first_count_as_stored_until_dequantisation_joins) {
  const JoinedStep step = join("hf-eager/bf16", "bnb/nf4@0.45");
  const auto product = [&](const Sides& sides) { return calls(step.step(sides), "o_proj").back(); };
  const double of_16 = product({}).bytes.at_zero;
  const double weights = 4096.0 * 4096;
  EXPECT_NEAR(product({.weight_bytes = true}).bytes.at_zero, of_16 - (2 - 0.5625) * weights, 1);
  EXPECT_NEAR(*product({.weight_bytes = true}).product_bytes, of_16 - (2 - 0.5625) * weights, 1);
  EXPECT_EQ(product({.weight_bytes = true, .dequant = true}).bytes.at_zero, of_16);
  EXPECT_EQ(product({.dequant = true}).bytes.at_zero, of_16);
}

TEST_F(Joined, Bytes_and_family_of_a_product_change_apart) {
  const JoinedStep step = join("vllm/bf16", "marlin/int4");
  const auto product = [&](const Sides& sides) { return calls(step.step(sides), "o_proj").back(); };
  EXPECT_EQ(product({.weight_bytes = true}).family, "gemm_bf16");
  EXPECT_EQ(product({.weight_bytes = true}).product_bytes,
            product({.weight_bytes = true, .family = true}).bytes.at_zero);
  EXPECT_EQ(product({.family = true}).family, "gemm_marlin");
  EXPECT_EQ(product({.family = true}).product_bytes, product({}).bytes.at_zero);
}

TEST_F(Joined, Operators_of_one_side_are_there_or_not_as_a_whole) {
  const JoinedStep step = join("vllm/bf16", "hf-eager/bf16");
  EXPECT_EQ(calls(step.step({}), "qkv_proj").size(), 1U);
  EXPECT_TRUE(calls(step.step({}), "q_proj").empty());
  EXPECT_TRUE(calls(step.step({.other = true}), "qkv_proj").empty());
  EXPECT_EQ(calls(step.step({.other = true}), "q_proj").front().kind, Kind::kGraphNode);
  EXPECT_EQ(calls(step.step({.host = true}), "q_proj").front().kind, Kind::kHostWork);
}

}  // namespace
}  // namespace hopsim::lowering
