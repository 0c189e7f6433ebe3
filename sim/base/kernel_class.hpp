// SPDX-License-Identifier: Apache-2.0
// The kernel classes of the field (DESIGN.md section 3). `dequant` and `quant` are the casting classes, whose
// time over that of all others is `cor_kernel`.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace hopsim {

enum class KernelClass {
  kGemm,
  kGemv,
  kDequant,
  kQuant,
  kAttention,
  kNorm,
  kElementwise,
  kRope,
  kKvWrite,
  kEmbedding,
  kLmHead,
  kSampling,
  kCollective,
  kMemcpy,
  kMemset,
  kSync,
  kOther
};

inline constexpr std::size_t kKernelClassCount = 17;

inline constexpr std::array<std::string_view, kKernelClassCount> kKernelClassNames = {
    "gemm",        "gemv",   "dequant",  "quant",     "attention", "norm",
    "elementwise", "rope",   "kv_write", "embedding", "lm_head",   "sampling",
    "collective",  "memcpy", "memset",   "sync",      "other"};

[[nodiscard]] constexpr std::string_view to_text(KernelClass c) {
  return kKernelClassNames[static_cast<std::size_t>(c)];
}

[[nodiscard]] constexpr std::optional<KernelClass> kernel_class_from(std::string_view name) {
  for (std::size_t i = 0; i < kKernelClassCount; ++i) {
    if (kKernelClassNames[i] == name) {
      return static_cast<KernelClass>(i);
    }
  }
  return std::nullopt;
}

/// Kernels that only change the format of numbers.
[[nodiscard]] constexpr bool is_casting(KernelClass c) {
  return c == KernelClass::kDequant || c == KernelClass::kQuant;
}

}  // namespace hopsim
