// SPDX-License-Identifier: Apache-2.0
#include "cost/costed_step.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "cost/forms/forms.hpp"
#include "spec/catalog.hpp"
#include "support/input_error.hpp"

namespace hopsim::cost {
namespace {

class Costing : public testing::Test {
 protected:
  spec::Catalog catalog_{spec::Library(HOPSIM_SOURCE_DIR)};
};

TEST_F(Costing, A_window_holds_what_costing_each_context_alone_gives) {
  const spec::GpuSpec& gpu = catalog_.gpu("h100-80-sxm");
  const StepCoster coster(gpu, catalog_.host("reference"));
  for (const char* stack : {"vllm/bf16", "hf-eager/bf16", "bnb/nf4"}) {
    const lowering::StepWork work =
        lowering::lower_step(catalog_.model("qwen3-8b"), catalog_.stack(stack), 16, 1);
    const CostedStep window = coster.cost(work, 1024, kWindowTokens);
    for (const int offset : {0, 1, 100, 255}) {
      const CostedStep alone = coster.cost(work, 1024 + offset, 1);
      ASSERT_EQ(window.layer.size(), alone.layer.size());
      for (std::size_t i = 0; i < alone.layer.size(); ++i) {
        const Task& task = window.layer[i];
        // Rounding the slope costs at most half a picosecond a token. In between the smooth maximum bends a
        // little, and an attention jumps by a block of its context.
        const double bend = alone.layer[i].cls != KernelClass::kAttention ? 1e-4 : 0.02;
        EXPECT_NEAR(static_cast<double>(task.duration_ps + task.duration_slope_ps * offset),
                    static_cast<double>(alone.layer[i].duration_ps),
                    200 + bend * static_cast<double>(alone.layer[i].duration_ps));
      }
    }
  }
}

// The GPU with the attention of a kernel, at its starting values.
auto with_attention(spec::GpuSpec gpu, const char* form) -> spec::GpuSpec {
  spec::KernelFamily family;
  family.form = form;
  for (const forms::Parameter& p : forms::find(form)->parameters) {
    family.parameters[std::string(p.name)].value = p.starts.front();
  }
  gpu.families["attention_decode"] = family;
  return gpu;
}

auto attention_of(const CostedStep& step) -> Task {
  for (const Task& task : step.layer) {
    if (task.cls == KernelClass::kAttention) {
      return task;
    }
  }
  throw InternalError("no attention");
}

// Attention jumps with the context: blocks of keys fill up, splits change.
TEST_F(Costing, A_window_keeps_the_sum_of_its_attention) {
  for (const char* form : {"attention_fa2", "attention_fa3", "attention_fi", "attention_trt"}) {
    const spec::GpuSpec gpu = with_attention(catalog_.gpu("h100-80-sxm"), form);
    const StepCoster coster(gpu, catalog_.host("reference"));
    for (const int batch : {1, 16, 128}) {
      const lowering::StepWork work =
          lowering::lower_step(catalog_.model("qwen3-8b"), catalog_.stack("vllm/bf16"), batch, 1);
      for (const int first : {0, 1024, 8192}) {
        const Task window = attention_of(coster.cost(work, first, kWindowTokens));
        double ps = 0, pj = 0, sum_ps = 0, sum_pj = 0;
        for (int offset = 0; offset < kWindowTokens; ++offset) {
          const Task alone = attention_of(coster.cost(work, first + offset, 1));
          ps += static_cast<double>(window.duration_ps + window.duration_slope_ps * offset);
          pj += static_cast<double>(window.energy_pj + window.energy_slope_pj * offset);
          sum_ps += static_cast<double>(alone.duration_ps);
          sum_pj += static_cast<double>(alone.energy_pj);
        }
        EXPECT_NEAR(ps / sum_ps, 1, 0.01) << form << ' ' << batch << ' ' << first;
        EXPECT_NEAR(pj / sum_pj, 1, 0.01) << form << ' ' << batch << ' ' << first;
      }
    }
  }
}

TEST_F(Costing, Refuses_to_take_a_prefill_for_a_decode_attention) {
  spec::GpuSpec gpu = with_attention(catalog_.gpu("h100-80-sxm"), "attention_fa3");
  gpu.families["attention_prefill"] = gpu.families["attention_decode"];
  const StepCoster coster(gpu, catalog_.host("reference"));
  const lowering::StepWork work =
      lowering::lower_step(catalog_.model("qwen3-8b"), catalog_.stack("vllm/bf16"), 1, 100);
  EXPECT_NE(test::input_error([&] {
              static_cast<void>(coster.cost(work, 100, 1));
            }).find("family 'attention_prefill' is a decode attention, but 'flash_prefill' is none here"),
            std::string::npos);
}

TEST_F(Costing, A_host_twice_as_fast_halves_what_dispatch_costs) {
  const spec::GpuSpec& gpu = catalog_.gpu("h100-80-sxm");
  spec::HostSpec fast = catalog_.host("reference");
  fast.speed = 2;
  const lowering::StepWork work =
      lowering::lower_step(catalog_.model("mistral-7b"), catalog_.stack("bnb/nf4"), 1, 1);
  const CostedStep a = StepCoster(gpu, catalog_.host("reference")).cost(work, 100, 1);
  const CostedStep b = StepCoster(gpu, fast).cost(work, 100, 1);
  for (std::size_t i = 0; i < a.layer.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(a.layer[i].dispatch_ps),
                2.0 * static_cast<double>(b.layer[i].dispatch_ps), 1);
    EXPECT_EQ(a.layer[i].duration_ps, b.layer[i].duration_ps);
  }
}

TEST_F(Costing, Says_which_families_a_gpu_lacks) {
  const lowering::StepWork work =
      lowering::lower_step(catalog_.model("mistral-7b"), catalog_.stack("vllm/fp8"), 1, 1);
  EXPECT_EQ(StepCoster(catalog_.gpu("a100-80-sxm"), catalog_.host("reference")).missing_families(work),
            "gemm_fp8");
  EXPECT_EQ(StepCoster(catalog_.gpu("h100-80-sxm"), catalog_.host("reference")).missing_families(work), "");
}

}  // namespace
}  // namespace hopsim::cost
