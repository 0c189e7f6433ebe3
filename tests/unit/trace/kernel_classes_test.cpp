// SPDX-License-Identifier: Apache-2.0
#include "trace/kernel_classes.hpp"

#include <gtest/gtest.h>

#include "sample.hpp"
#include "support/input_error.hpp"

namespace hopsim::trace {
namespace {

TEST(KernelClasses, The_first_matching_rule_wins) {
  const KernelClasses c = parse_kernel_classes(
      "hopsim: kernel-classes/1\n"
      "rules:\n"
      "  - {class: norm, names: [\"^rms*quant\"]}\n"
      "  - {class: quant, names: [quant]}\n"
      "  - {class: gemm, min_shared_memory_bytes: 1000, names: [triton]}\n"
      "  - {class: elementwise, names: [triton]}\n",
      "t.yaml");
  EXPECT_EQ(c.classify("RMS_norm_with_quant", 0), KernelClass::kNorm);
  EXPECT_EQ(c.classify("my_rms_norm_quant", 0), KernelClass::kQuant);
  EXPECT_EQ(c.classify("triton_", 1000), KernelClass::kGemm);
  EXPECT_EQ(c.classify("triton_", 999), KernelClass::kElementwise);
  EXPECT_EQ(c.classify("", 0), KernelClass::kOther);
}

TEST(KernelClasses, A_bad_table_is_refused_with_its_line) {
  const auto message = [](const std::string& rule) {
    return hopsim::test::input_error([&] {
      static_cast<void>(
          parse_kernel_classes("hopsim: kernel-classes/1\nrules:\n  - " + rule + "\n", "t.yaml"));
    });
  };
  EXPECT_NE(message("{class: gem, names: [x]}").find("did you mean 'gemm'"), std::string::npos);
  EXPECT_NE(message("{class: gemm, nmes: [x]}").find("t.yaml:3"), std::string::npos);
  EXPECT_NE(message("{class: gemm, names: ['*']}").find("matches every name"), std::string::npos);
}

TEST(KernelClasses, The_shipped_table_knows_the_kernels_of_quantised_stacks) {
  const auto cls = [](const char* name) { return test::shipped_classes().classify(name, 0); };
  EXPECT_EQ(cls("void kDequantizeBlockwise<__nv_bfloat16, 512, 64, 8, 2>(float*, unsigned char*)"),
            KernelClass::kDequant);
  EXPECT_EQ(cls("void kgemm_4bit_inference_naive<__nv_bfloat16, 128, 16>(int, int, int)"),
            KernelClass::kGemv);
  EXPECT_EQ(cls("void kInt8VectorQuant<__half, 1024, 0>(__half*, signed char*, float*)"),
            KernelClass::kQuant);
  EXPECT_EQ(cls("void kdequant_mm_int32_fp16<4, 128, 512>(int*, float*, float*, __half*)"),
            KernelClass::kDequant);
  EXPECT_EQ(cls("_per_token_group_quant_fp8"), KernelClass::kQuant);
  EXPECT_EQ(cls("void marlin::Marlin<256, 1, 8, 8, 4, 8>(int4 const*, int4 const*)"), KernelClass::kGemm);
  EXPECT_EQ(cls("void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*)"), KernelClass::kNorm);
  EXPECT_EQ(cls("ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)"),
            KernelClass::kCollective);
  EXPECT_EQ(cls("nvjet_tst_192x192_64x4_2x1_v_bz_coopB_bias_TNN"), KernelClass::kGemm);
  EXPECT_EQ(cls("void flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4> >(Flash_fwd_params)"),
            KernelClass::kAttention);
  EXPECT_EQ(cls("void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16>()"), KernelClass::kKvWrite);
  EXPECT_EQ(cls("void vllm::rotary_embedding_kernel<c10::BFloat16, true>()"), KernelClass::kRope);
  EXPECT_EQ(cls("void at::native::vectorized_elementwise_kernel<4, at::native::FillFunctor<float> >"),
            KernelClass::kElementwise);
}

}  // namespace
}  // namespace hopsim::trace
