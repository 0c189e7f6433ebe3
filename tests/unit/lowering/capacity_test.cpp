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
    return fewest_gpus(memory_need(catalog_.model(model), catalog_.stack(stack), chain, batch),
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

TEST_F(Capacity, An_8B_in_16_bit_fits_into_24_GB_and_a_14B_does_not) {
  EXPECT_EQ(gpus("llama-3.1-8b", "hf-eager/bf16", "rtx-4090"), 1);
  EXPECT_EQ(gpus("qwen2.5-14b", "hf-eager/bf16", "rtx-4090"), 2);
  EXPECT_EQ(gpus("qwen2.5-14b", "bnb/nf4", "rtx-4090"), 1);
}

TEST_F(Capacity, The_cache_grows_with_batch_and_context) {
  const spec::ChainSpec chain = spec::line_chain(1, 1000, 0, 1000, 0);
  const MemoryNeed need = memory_need(catalog_.model("llama-3.1-8b"), catalog_.stack("vllm/bf16"), chain, 16);
  EXPECT_DOUBLE_EQ(need.kv_bytes, 2.0 * 2 * 32 * 8 * 128 * 16 * 2000);
  EXPECT_NEAR(need.weights_bytes, 2 * 8.03e9, 0.01e9);
}

}  // namespace
}  // namespace hopsim::lowering
