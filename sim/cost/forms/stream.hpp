// SPDX-License-Identifier: Apache-2.0
// A kernel that only moves bytes:  t = t0 + (bytes + half) / (efficiency * BW).
#pragma once

#include <array>

#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

struct Stream {
  static constexpr std::string_view kName = "stream";
  static constexpr bool kUsesTensorPeak = false;
  static constexpr std::size_t kSize = 3;
  static constexpr double kLossScale = 0.1;
  static constexpr double kPriorWeight = 0;
  enum : std::size_t { kT0, kEfficiency, kHalf };

  static const std::array<Parameter, kSize>& parameters() {
    static const std::array<Parameter, kSize> kList = {{{"t0_us", 0, 1e4, {3, 8, 12}},
                                                        {"bw_efficiency", 1e-3, 1.2, {0.8, 0.6}},
                                                        {"bw_half_kib", 0, 1e7, {0}, true}}};
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    return 1e-6 * p[kT0] + (work.bytes + 1024.0 * p[kHalf]) / (gpu.bytes_per_s * p[kEfficiency]);
  }
};

}  // namespace hopsim::cost::forms
