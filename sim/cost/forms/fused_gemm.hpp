// SPDX-License-Identifier: Apache-2.0
// A matrix product that widens its weights in registers on their way to the tensor cores, for few rows:
//   tb = bytes / (efficiency * BW),  tf = flops / (flop_efficiency * F),  ta = n k / (SMs * clock * rate)
//   t  = t0 + (tb^4 + tf^4 + ta^4)^(1/4)
// Every weight is widened once whatever the rows, so on a GPU of much bandwidth an SM the conversion limits
// small batches. Many rows run in blocks that widen the weights again: that is in flop_efficiency.
#pragma once

#include <array>

#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

struct FusedGemm {
  static constexpr std::string_view kName = "fused_gemm";
  static constexpr bool kUsesTensorPeak = true;
  static constexpr std::size_t kSize = 4;
  static constexpr double kLossScale = 0.1;
  static constexpr double kPriorWeight = 0;
  enum : std::size_t { kT0, kEfficiency, kFlopEfficiency, kRate };

  static const std::array<Parameter, kSize>& parameters() {
    static const std::array<Parameter, kSize> kList = {{{"t0_us", 0, 1e4, {4, 2}},
                                                        {"bw_efficiency", 1e-3, 1.2, {0.9}},
                                                        {"flop_efficiency", 1e-3, 1.2, {0.5, 0.3}},
                                                        {"alu_per_sm_clock", 1e-3, 1e4, {16, 8}}}};
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    const T tb = work.bytes / (gpu.bytes_per_s * p[kEfficiency]);
    const T tf = work.flops / (gpu.flops_per_s * p[kFlopEfficiency]);
    const T ta = work.n * work.k / (gpu.sms * gpu.clock_hz * p[kRate]);
    return 1e-6 * p[kT0] + smooth_maximum(tb, tf, ta);
  }
};

}  // namespace hopsim::cost::forms
