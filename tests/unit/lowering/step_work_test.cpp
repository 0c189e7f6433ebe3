// SPDX-License-Identifier: Apache-2.0
// Mistral-7B: hidden 4096, 32 layers, 32 heads, 8 KV heads of 128, feed-forward 14336; linears of a layer
//   w = 4096 * (4096 + 2 * 1024) + 4096 * 4096 + 3 * 4096 * 14336 = 218,103,808 weights.
#include "lowering/step_work.hpp"

#include <gtest/gtest.h>

#include "spec/catalog.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::lowering {
namespace {

constexpr double kWeights = 218'103'808;

class Lowering : public testing::Test {
 protected:
  StepWork lower(const std::string& stack, int batch, int new_tokens,
                 const std::string& model = "mistral-7b") {
    return lower_step(catalog_.model(model), catalog_.stack(stack), batch, new_tokens);
  }

  static double sum(const std::vector<Call>& calls, KernelClass cls, double ctx, Affine Call::*work) {
    double out = 0;
    for (const Call& call : calls) {
      out += call.cls == cls ? call.count * (call.*work).at(ctx) : 0;
    }
    return out;
  }

  spec::Catalog catalog_{spec::Library(HOPSIM_SOURCE_DIR)};
};

TEST_F(Lowering, Sixteen_bit_linears_read_two_bytes_a_weight_and_do_two_flops) {
  const StepWork work = lower("vllm/bf16", 1, 1);
  EXPECT_EQ(work.layers, 32);
  const double activations =
      2.0 * (4096 + 6144) + 2.0 * (4096 + 4096) + 2.0 * (4096 + 28672) + 2.0 * (14336 + 4096);
  EXPECT_DOUBLE_EQ(sum(work.layer, KernelClass::kGemm, 1, &Call::bytes), 2 * kWeights + activations);
  EXPECT_DOUBLE_EQ(sum(work.layer, KernelClass::kGemm, 1, &Call::flops), 2 * kWeights);
}

TEST_F(Lowering, Nf4_takes_a_fused_gemv_for_one_token_and_dequantises_for_more) {
  const StepWork one = lower("bnb/nf4@0.45", 1, 1);
  EXPECT_EQ(sum(one.layer, KernelClass::kDequant, 1, &Call::bytes), 0);
  EXPECT_NEAR(sum(one.layer, KernelClass::kGemv, 1, &Call::bytes), 0.5625 * kWeights, 0.001 * kWeights);
  const StepWork two = lower("bnb/nf4@0.45", 2, 1);
  EXPECT_EQ(sum(two.layer, KernelClass::kGemv, 1, &Call::bytes), 0);
  // 0.5625 read and 2 written by the dequantisation, 2 read by the GEMM.
  EXPECT_DOUBLE_EQ(sum(two.layer, KernelClass::kDequant, 1, &Call::bytes), 2.5625 * kWeights);
  EXPECT_DOUBLE_EQ(sum(two.layer, KernelClass::kDequant, 1, &Call::elements), kWeights);
  const StepWork prefill = lower("bnb/nf4@0.45", 1, 100);
  EXPECT_DOUBLE_EQ(sum(prefill.layer, KernelClass::kDequant, 100, &Call::bytes), 2.5625 * kWeights);
}

TEST_F(Lowering, Nf4_since_0_50_is_fused_up_to_64_rows) {
  for (const int batch : {1, 2, 64}) {
    const StepWork work = lower("bnb/nf4@0.50", batch, 1);
    EXPECT_EQ(sum(work.layer, KernelClass::kDequant, 1, &Call::bytes), 0) << batch;
  }
  EXPECT_DOUBLE_EQ(sum(lower("bnb/nf4@0.50", 65, 1).layer, KernelClass::kDequant, 1, &Call::bytes),
                   2.5625 * kWeights);
}

TEST_F(Lowering, Double_quantisation_adds_two_casts_a_linear_layer) {
  const auto casts = [&](const char* stack) {
    int count = 0;
    for (const Call& call : lower(stack, 8, 1).layer) {
      count += call.cls == KernelClass::kDequant ? call.count : 0;
    }
    return count;
  };
  EXPECT_EQ(casts("bnb/nf4-dq@0.45"), casts("bnb/nf4@0.45") + 2 * 7);
}

TEST_F(Lowering, Sampling_of_the_vocabulary_grows_with_the_batch_and_not_with_the_host) {
  const auto sampling = [&](int batch) {
    return sum(lower("vllm/bf16", batch, 1).epilogue, KernelClass::kSampling, 1, &Call::bytes);
  };
  EXPECT_DOUBLE_EQ(sampling(64), 64 * sampling(1));
  EXPECT_EQ(lower("vllm/bf16", 64, 1).prologue[0].dispatch_us,
            lower("vllm/bf16", 1, 1).prologue[0].dispatch_us);
}

TEST_F(Lowering, Attention_reads_the_cache_of_the_context_and_nothing_else_grows) {
  const StepWork work = lower("vllm/bf16", 4, 1);
  const double kv_per_token = 2.0 * 2 * 8 * 128 * 4;  // K and V, 2 bytes, 8 heads of 128, 4 sequences
  double growing = 0;
  for (const Call& call : work.layer) {
    growing += call.bytes.slope > 0 ? 1 : 0;
  }
  EXPECT_EQ(growing, 1);
  EXPECT_DOUBLE_EQ(sum(work.layer, KernelClass::kAttention, 1001, &Call::bytes) -
                       sum(work.layer, KernelClass::kAttention, 1000, &Call::bytes),
                   kv_per_token);
}

TEST_F(Lowering, Prefill_attention_does_the_causal_half) {
  const StepWork work = lower("vllm/bf16", 1, 100);
  // 4 flops for each query and head dimension and key; a query at i of n new ones sees all before and i of
  // them.
  EXPECT_DOUBLE_EQ(sum(work.layer, KernelClass::kAttention, 100, &Call::flops), 4.0 * 100 * 32 * 128 * 50);
}

TEST_F(Lowering, A_cuda_graph_has_one_launch_in_decode_and_none_in_prefill) {
  const auto count = [](const StepWork& work, Call::Kind kind) {
    std::int64_t n = 0;
    for (const auto* block : {&work.prologue, &work.layer, &work.epilogue}) {
      for (const Call& call : *block) {
        n += call.kind == kind ? 1 : 0;
      }
    }
    return n;
  };
  const StepWork decode = lower("vllm/bf16", 1, 1);
  EXPECT_EQ(count(decode, Call::Kind::kGraphLaunch), 1);
  EXPECT_EQ(count(decode, Call::Kind::kKernel), 0);
  const StepWork prefill = lower("vllm/bf16", 1, 16);
  EXPECT_EQ(count(prefill, Call::Kind::kGraphLaunch), 0);
  EXPECT_EQ(count(prefill, Call::Kind::kGraphNode), 0);
  EXPECT_GT(count(prefill, Call::Kind::kKernel), 0);
}

TEST_F(Lowering, Every_step_ends_in_a_synchronisation) {
  for (const std::string& stack : catalog_.library().stacks()) {
    EXPECT_EQ(lower(stack, 3, 1).epilogue.back().kind, Call::Kind::kSync) << stack;
  }
}

TEST_F(Lowering, Llm_int8_synchronises_once_a_linear_layer) {
  std::int64_t syncs = 0;
  for (const Call& call : lower("bnb/llm-int8", 1, 1).layer) {
    syncs += call.kind == Call::Kind::kSync ? 1 : 0;
  }
  EXPECT_EQ(syncs, 7);
}

TEST_F(Lowering, Eager_layers_cost_the_host_what_the_fit_says) {
  const auto layer_us = [&](const std::string& model) {
    double us = 0;
    for (const Call& call : lower("hf-eager/bf16", 1, 1, model).layer) {
      us += call.count * call.dispatch_us;
    }
    return us;
  };
  EXPECT_NEAR(layer_us("mistral-7b"), 737,
              20);  // reference/FIRST_FITS.md section 2: only this sum is identified
}

TEST_F(Lowering, Queries_and_keys_are_normed_where_the_model_does_so) {
  const auto norms = [&](const std::string& model) {
    std::int64_t n = 0;
    for (const Call& call : lower("vllm/bf16", 1, 1, model).layer) {
      n += call.cls == KernelClass::kNorm ? call.count : 0;
    }
    return n;
  };
  EXPECT_EQ(norms("mistral-7b"), 2);
  EXPECT_EQ(norms("qwen3-8b"), 4);
}

TEST_F(Lowering, Refuses_work_that_is_not_affine_in_the_context) {
  const test::TempDir dir;
  const std::string base =
      std::filesystem::relative(std::string(HOPSIM_SOURCE_DIR) + "/experiments/stacks/vllm/bf16.yaml",
                                dir.path())
          .string();
  const std::string kernel = "name: g, class: gemm, family: gemm_bf16, dispatch_us: 1";
  for (const char* bytes : {"n*k*ctx*ctx", "n*k - ctx", "-1"}) {
    const spec::StackSpec stack = spec::load_stack(dir.write(
        "s.yaml", "hopsim: stack/1\nname: s/s\nextends: " + base + "\nlinears: {block: [{kernels: [{" +
                      kernel + ", bytes: \"" + bytes + "\"}]}]}\n"));
    const std::string e =
        test::input_error([&] { static_cast<void>(lower_step(catalog_.model("mistral-7b"), stack, 1, 1)); });
    EXPECT_NE(e.find("s.yaml:4:"), std::string::npos) << bytes << e;
  }
}

}  // namespace
}  // namespace hopsim::lowering
