// SPDX-License-Identifier: Apache-2.0
// How long one kernel runs and what it draws. With the parameters of its family (spec/gpu.hpp):
//
//   tb = (bytes + bw_half) / (bw_efficiency * BW)                                     memory
//   tf = flops (1 + m_pad / m) (1 + flop_half / flops) / (flop_efficiency * F)        tensor cores
//   ta = elements / (SMs * clock * alu_per_sm_clock)                                  conversion in ALUs
//   t  = t0 + (tb^4 + tf^4 + ta^4)^(1/4)
//   P  = min(TDP, active_idle + busy + (e_b bytes + e_f flops + e_a elements) / t)
//
// The smooth maximum is that of reference/FIRST_FITS.md; saturation in bytes and flops and padding in m carry
// the size dependence. Seconds, bytes, flops, watts.
#pragma once

#include "lowering/step_work.hpp"
#include "spec/gpu.hpp"

namespace hopsim::cost {

/// A family on a GPU with the divisions done once.
class KernelTimer {
 public:
  KernelTimer(const spec::KernelFamily& family, const spec::GpuSpec& gpu);

  /// Seconds, > 0 and finite.
  [[nodiscard]] double seconds(double bytes, double flops, double elements, double rows) const;

 private:
  double t0_s_;
  double bw_half_bytes_;
  double s_per_byte_;
  double m_pad_;
  double flop_half_;
  double s_per_flop_;
  double s_per_element_;
};

/// Board power while a kernel runs, in watts. Classes differ by what they do: bytes, flops, converted
/// elements.
[[nodiscard]] double kernel_power_w(const spec::GpuSpec& gpu, double bytes, double flops, double elements,
                                    double seconds);

}  // namespace hopsim::cost
