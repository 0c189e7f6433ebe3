// SPDX-License-Identifier: Apache-2.0
// A matrix product between two limits:
//   tb = (bytes + half) / (efficiency * BW), bytes that lie in L2 warm_speedup times faster
//   tf = (flops (1 + m_pad / m) + flop_half) / (flop_efficiency * F)
//   t  = t0 + (tb^4 + tf^4)^(1/4)
// Saturation in bytes and flops and padding in m carry the dependence on size.
#pragma once

#include <array>

#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

struct Gemm {
  static constexpr std::string_view kName = "gemm";
  static constexpr bool kUsesTensorPeak = true;
  static constexpr std::size_t kSize = 7;
  static constexpr double kLossScale = 0.1;
  static constexpr double kPriorWeight = 0;
  enum : std::size_t { kT0, kEfficiency, kHalf, kFlopEfficiency, kPad, kFlopHalf, kWarm };

  static const std::array<Parameter, kSize>& parameters() {
    static const std::array<Parameter, kSize> kList = {{{"t0_us", 0, 1e4, {3, 1, 8}},
                                                        {"bw_efficiency", 1e-3, 1.2, {0.8, 0.6, 0.9}},
                                                        {"bw_half_kib", 0, 1e7, {100, 2000, 10}},
                                                        {"flop_efficiency", 1e-3, 1.2, {0.7, 0.5, 0.9}},
                                                        {"m_pad", 0, 1e4, {8, 64, 1}},
                                                        {"flop_half_mflop", 0, 1e9, {100, 5000, 10}},
                                                        {"warm_speedup", 0.5, 20, {2}}}};
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    const double warm_bytes = work.warm * work.weight_bytes;
    const T moved = (work.bytes - warm_bytes) + warm_bytes / p[kWarm] + 1024.0 * p[kHalf];
    const T tb = moved / (gpu.bytes_per_s * p[kEfficiency]);
    T tf(0.0);
    if (work.flops > 0) {
      tf = (work.flops * (1.0 + p[kPad] / work.m) + 1e6 * p[kFlopHalf]) /
           (gpu.flops_per_s * p[kFlopEfficiency]);
    }
    return 1e-6 * p[kT0] + smooth_maximum(tb, tf, T(0.0));
  }
};

}  // namespace hopsim::cost::forms
