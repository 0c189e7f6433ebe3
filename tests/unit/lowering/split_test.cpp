// SPDX-License-Identifier: Apache-2.0
#include "lowering/split.hpp"

#include <gtest/gtest.h>

#include "lowering/step_work.hpp"
#include "spec/catalog.hpp"

namespace hopsim::lowering {
namespace {

class Split : public testing::Test {
 protected:
  StepWork lower(const std::string& model, const std::string& stack, int batch, int new_tokens, int gpus) {
    return lower_step(catalog_.model(model), catalog_.stack(stack), batch, new_tokens, gpus);
  }
  static std::vector<Call> collectives(const std::vector<Call>& calls) {
    std::vector<Call> out;
    for (const Call& call : calls) {
      if (call.cls == KernelClass::kCollective) {
        out.push_back(call);
      }
    }
    return out;
  }
  static double weights(const std::vector<Call>& calls) {
    double out = 0;
    for (const Call& call : calls) {
      out += call.cls == KernelClass::kGemm ? call.n * call.k : 0;
    }
    return out;
  }
  spec::Catalog catalog_{spec::Library(HOPSIM_SOURCE_DIR)};
};

TEST_F(Split, Each_gpu_gets_its_share_of_every_linear_layer) {
  for (const char* stack : {"vllm/bf16", "hf-eager/bf16"}) {
    const double whole = weights(lower("qwen2.5-72b", stack, 4, 1, 1).layer);
    for (const int gpus : {2, 4, 8}) {
      EXPECT_DOUBLE_EQ(gpus * weights(lower("qwen2.5-72b", stack, 4, 1, gpus).layer), whole) << stack;
    }
  }
}

TEST_F(Split, A_layer_has_two_all_reduces_of_the_activations) {
  for (const char* stack : {"vllm/bf16", "bnb/llm-int8", "marlin/int4", "trtllm/fp8"}) {
    const StepWork step = lower("qwen2.5-72b", stack, 3, 5, 4);
    const std::vector<Call> layer = collectives(step.layer);
    ASSERT_EQ(layer.size(), 2U) << stack;
    for (const Call& call : layer) {
      EXPECT_EQ(call.collective.kind, Collective::Kind::kAllReduce);
      EXPECT_EQ(call.collective.ranks, 4);
      EXPECT_EQ(call.collective.bytes, 2.0 * 3 * 5 * 8192) << stack;
    }
    EXPECT_EQ(layer.front().op, "o_proj_all_reduce");
    EXPECT_EQ(layer.back().op, "down_proj_all_reduce");
    ASSERT_EQ(collectives(step.prologue).size(), 1U);  // the embedding's
    const std::vector<Call> logits = collectives(step.epilogue);
    ASSERT_EQ(logits.size(), 1U);
    EXPECT_EQ(logits.front().collective.kind, Collective::Kind::kAllGather);
    EXPECT_EQ(logits.front().collective.bytes, 2.0 * 3 * 152064);
  }
}

TEST_F(Split, Collectives_are_nodes_of_a_graph_and_launches_of_an_eager_stack) {
  EXPECT_EQ(collectives(lower("qwen2.5-72b", "vllm/bf16", 1, 1, 2).layer).front().kind,
            Call::Kind::kGraphNode);
  const Call eager = collectives(lower("qwen2.5-72b", "hf-eager/bf16", 1, 1, 2).layer).front();
  EXPECT_EQ(eager.kind, Call::Kind::kKernel);
  EXPECT_EQ(eager.dispatch_us, 15.8);  // as the lookup of the embedding
}

TEST_F(Split, Kv_heads_fewer_than_gpus_are_repeated) {
  const spec::ModelSpec& yi = catalog_.model("yi-1.5-6b");  // 32 heads, 4 KV heads
  EXPECT_EQ(split_obstacle(yi, 8), "");
  EXPECT_EQ(part_of(yi, 8).heads, 4);
  EXPECT_EQ(part_of(yi, 8).kv_heads, 1);
  EXPECT_EQ(lower("yi-1.5-6b", "vllm/bf16", 1, 1, 8).attention.kv_heads, 1);
}

TEST_F(Split, Heads_and_columns_that_cannot_be_shared_evenly_are_named) {
  EXPECT_EQ(split_obstacle(catalog_.model("qwen2.5-7b"), 8),
            "8 GPUs can't share the 28 attention heads of qwen2.5-7b evenly");
  spec::ModelSpec odd = catalog_.model("llama-3.1-8b");
  odd.kv_heads = 3;
  odd.heads = 24;
  EXPECT_NE(split_obstacle(odd, 2).find("3 KV heads"), std::string::npos);
  odd.kv_heads = 8;
  odd.ffn = 14337;
  EXPECT_NE(split_obstacle(odd, 2).find("14337 feed-forward columns"), std::string::npos);
  for (const std::string& name : catalog_.library().models()) {
    EXPECT_EQ(split_obstacle(catalog_.model(name), 1), "") << name;
  }
}

TEST_F(Split, One_gpu_takes_the_whole_model_and_waits_for_nobody) {
  const StepWork step = lower("qwen2.5-72b", "bnb/nf4", 2, 1, 1);
  for (const auto* block : {&step.prologue, &step.layer, &step.epilogue}) {
    EXPECT_TRUE(collectives(*block).empty());
  }
  const spec::ModelSpec& model = catalog_.model("qwen2.5-72b");
  EXPECT_EQ(part_of(model, 1).params(), model.params());
}

TEST_F(Split, The_parts_of_all_gpus_are_the_model_and_copies_of_what_is_not_split) {
  const spec::ModelSpec& model = catalog_.model("qwen2.5-72b");
  const double copies = 8.0 * 80 * 2 * 8192;  // norms on each
  EXPECT_NEAR(8 * part_of(model, 8).params(), model.params() + copies, 0.001 * model.params());
}

}  // namespace
}  // namespace hopsim::lowering
