// SPDX-License-Identifier: Apache-2.0
#include "cost/kernel_cost.hpp"

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"

namespace hopsim::cost {

using spec::KernelFamily;

KernelTimer::KernelTimer(const KernelFamily& family, const spec::GpuSpec& gpu)
    : t0_s_(family.t0_us * 1e-6),
      bw_half_bytes_(family.bw_half_kib * 1024),
      s_per_byte_(1.0 / (family.bw_efficiency * gpu.hbm_gb_s * 1e9)),
      m_pad_(family.m_pad),
      flop_half_(family.flop_half_mflop * 1e6),
      s_per_flop_(family.form == KernelFamily::Form::kGemm
                      ? 1.0 / (family.flop_efficiency * gpu.peak_tflops.at(family.tensor_peak) * 1e12)
                      : 0),
      s_per_element_(family.form == KernelFamily::Form::kCast
                         ? 1.0 / (gpu.sms * gpu.boost_mhz * 1e6 * family.alu_per_sm_clock)
                         : 0) {}

double KernelTimer::seconds(double bytes, double flops, double elements, double rows) const {
  const double tb = (bytes + bw_half_bytes_) * s_per_byte_;
  const double tf =
      flops > 0 ? (flops * (1 + m_pad_ / rows) + flop_half_ * (1 + m_pad_ / rows)) * s_per_flop_ : 0;
  const double ta = elements * s_per_element_;
  const double largest = std::max({tb, tf, ta});
  if (largest <= 0) {
    return t0_s_;
  }
  // Scaled by the largest so that the fourth powers neither vanish nor overflow.
  const auto fourth = [&](double t) { return (t / largest) * (t / largest) * (t / largest) * (t / largest); };
  return t0_s_ + largest * std::sqrt(std::sqrt(fourth(tb) + fourth(tf) + fourth(ta)));
}

double kernel_power_w(const spec::GpuSpec& gpu, double bytes, double flops, double elements, double seconds) {
  HOPSIM_CHECK(seconds > 0, "power needs a duration");
  const spec::PowerSpec& power = gpu.power;
  const double joules =
      1e-12 * (power.pj_per_byte * bytes + power.pj_per_flop * flops + power.pj_per_element * elements);
  return std::min(power.active_idle_w + power.busy_w + joules / seconds, gpu.tdp_w);
}

}  // namespace hopsim::cost
