// SPDX-License-Identifier: Apache-2.0
#include "lowering/capacity.hpp"

#include <gtest/gtest.h>

#include "spec/catalog.hpp"

namespace hopsim::lowering {
namespace {

class Capacity : public testing::Test {
 protected:
  int gpus(const std::string& model, const std::string& stack, const std::string& gpu, int batch = 1) {
    const spec::ChainSpec chain = spec::line_chain(1, 128, 0, 128, 0);
    return fewest_gpus(catalog_.model(model), catalog_.stack(stack), chain_need(chain), batch,
                       catalog_.gpu(gpu));
  }
  spec::Catalog catalog_{spec::Library(HOPSIM_SOURCE_DIR)};
};

TEST_F(Capacity, A_72B_in_16_bit_needs_two_80_GB_GPUs_and_in_4_bit_one) {
  EXPECT_EQ(gpus("qwen2.5-72b", "vllm/bf16", "h100-80-sxm"), 2);
  EXPECT_EQ(gpus("qwen2.5-72b", "marlin/int4", "h100-80-sxm"), 1);
  EXPECT_EQ(gpus("qwen2.5-72b", "vllm/bf16", "b200-180-sxm"), 1);
  EXPECT_EQ(gpus("qwen2.5-72b", "marlin/int4", "l4"), 2);
  EXPECT_EQ(gpus("qwen2.5-72b", "vllm/bf16", "l4"), 8);
}

// 72.7e9 weights: 145.4 GB in 16 bit, about 41 GB in 4 bit with scales and 16-bit embeddings. A GPU holds
// what its driver reports: 85.5 GB (80 GB H100), 150.8 GB (141 GB H200), 24.2 GB (L4).
TEST_F(Capacity, A_72B_comes_out_as_on_real_GPUs) {
  const spec::ModelSpec& model = catalog_.model("qwen2.5-72b");
  const spec::ChainSpec chain = spec::line_chain(1, 128, 0, 128, 0);
  EXPECT_NEAR(memory_need(model, catalog_.stack("vllm/bf16"), chain_need(chain), 1).weights_bytes, 145.4e9,
              0.1e9);
  EXPECT_NEAR(memory_need(model, catalog_.stack("marlin/int4"), chain_need(chain), 1).weights_bytes, 41e9,
              1e9);
  EXPECT_EQ(gpus("qwen2.5-72b", "vllm/bf16", "h200-141-sxm"), 1);
  EXPECT_EQ(gpus("qwen2.5-72b", "vllm/bf16", "h200-141-sxm", 64), 2);  // the cache no longer fits beside it
  EXPECT_EQ(gpus("qwen2.5-72b", "bnb/nf4", "h100-80-sxm"), 1);
  EXPECT_EQ(gpus("qwen2.5-72b", "bnb/nf4", "l4"), 2);
  EXPECT_EQ(gpus("qwen2.5-72b", "vllm/fp8", "h100-80-sxm"), 1);
}

TEST_F(Capacity, Each_GPU_holds_its_part_and_pays_its_own_reserve) {
  const spec::ModelSpec& model = catalog_.model("qwen2.5-72b");
  const spec::StackSpec& stack = catalog_.stack("vllm/bf16");
  const spec::ChainSpec chain = spec::line_chain(1, 1000, 0, 1000, 0);
  const MemoryNeed one = memory_need(model, stack, chain_need(chain), 4);
  const MemoryNeed eighth = memory_need(model, stack, chain_need(chain), 4, 8);
  EXPECT_NEAR(8 * eighth.weights_bytes / one.weights_bytes, 1, 0.001);
  EXPECT_DOUBLE_EQ(8 * eighth.kv_bytes, one.kv_bytes);
  EXPECT_DOUBLE_EQ(eighth.reserve_bytes, one.reserve_bytes);
  const spec::ModelSpec& repeated = catalog_.model("yi-1.5-6b");  // 4 KV heads
  EXPECT_DOUBLE_EQ(memory_need(repeated, stack, chain_need(chain), 1, 8).kv_bytes,
                   memory_need(repeated, stack, chain_need(chain), 1, 4).kv_bytes);
}

TEST_F(Capacity, A_model_is_not_put_on_GPUs_that_cannot_share_it) {
  EXPECT_EQ(gpus("qwen2.5-7b", "vllm/bf16", "t4", 64), 2);
  EXPECT_EQ(gpus("qwen2.5-7b", "vllm/bf16", "t4", 4000), 0);  // 28 heads: not on 8
}

TEST_F(Capacity, An_8B_in_16_bit_fits_into_24_GB_and_a_14B_does_not) {
  EXPECT_EQ(gpus("llama-3.1-8b", "hf-eager/bf16", "rtx-4090"), 1);
  EXPECT_EQ(gpus("qwen2.5-14b", "hf-eager/bf16", "rtx-4090"), 2);
  EXPECT_EQ(gpus("qwen2.5-14b", "bnb/nf4", "rtx-4090"), 1);
}

TEST_F(Capacity, The_cache_grows_with_batch_and_context) {
  const spec::ChainSpec chain = spec::line_chain(1, 1000, 0, 1000, 0);
  const MemoryNeed need =
      memory_need(catalog_.model("llama-3.1-8b"), catalog_.stack("vllm/bf16"), chain_need(chain), 16);
  EXPECT_DOUBLE_EQ(need.kv_bytes, 2.0 * 2 * 32 * 8 * 128 * 16 * 2000);
  EXPECT_NEAR(need.weights_bytes, 2 * 8.03e9, 0.01e9);
}

}  // namespace
}  // namespace hopsim::lowering
