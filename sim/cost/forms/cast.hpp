// SPDX-License-Identifier: Apache-2.0
// A kernel that converts number formats in ALUs:
//   tb = (bytes + half) / (efficiency * BW),  ta = elements / (SMs * clock * rate),  t = t0 + (tb^4 +
//   ta^4)^(1/4)
#pragma once

#include <array>

#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

struct Cast {
  static constexpr std::string_view kName = "cast";
  static constexpr bool kUsesTensorPeak = false;
  static constexpr std::size_t kSize = 4;
  static constexpr double kLossScale = 0.1;
  static constexpr double kPriorWeight = 0;
  enum : std::size_t { kT0, kEfficiency, kHalf, kRate };

  static const std::array<Parameter, kSize>& parameters() {
    static const std::array<Parameter, kSize> kList = {{{"t0_us", 0, 1e4, {3, 8}},
                                                        {"bw_efficiency", 1e-3, 1.2, {0.8, 0.6}},
                                                        {"bw_half_kib", 0, 1e7, {0}, true},
                                                        {"alu_per_sm_clock", 1e-3, 1e4, {2, 1, 4}}}};
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    const T tb = (work.bytes + 1024.0 * p[kHalf]) / (gpu.bytes_per_s * p[kEfficiency]);
    const T ta = work.elements / (gpu.sms * gpu.clock_hz * p[kRate]);
    return 1e-6 * p[kT0] + smooth_maximum(tb, ta, T(0.0));
  }
};

}  // namespace hopsim::cost::forms
