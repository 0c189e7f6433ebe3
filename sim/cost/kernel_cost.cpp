// SPDX-License-Identifier: Apache-2.0
#include "cost/kernel_cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"

namespace hopsim::cost {

KernelTimer::KernelTimer(const spec::KernelFamily& family, const spec::GpuSpec& gpu)
    : family_(family),
      form_(forms::form_of(family)),
      parameters_(forms::parameters_of(family, form_)),
      machine_(machine_of(gpu, family.tensor_peak)) {
  if (form_.uses_nvlink && gpu.nvlink_gb_s <= 0) {
    throw InputError(family.at, fmt::format("form '{}' on a GPU without NVLink", form_.name),
                     "form: collective_pcie, or nvlink_gb_s above 0");
  }
  if (!family.correction.empty()) {
    correction_.emplace(family.correction);
  }
  if (family.deviation != 0) {
    error_.emplace(family);
  }
}

KernelWork KernelTimer::completed(const KernelWork& work) const {
  if (family_.format && work.n > 0 && work.k > 0 && work.weight_bytes <= 0) {
    KernelWork out = linear_work(*family_.format, work.m, work.n, work.k);
    out.quantises = work.input_quantised ? 0 : out.quantises;
    if (work.bytes > 0) {
      out.bytes =
          work.bytes;  // as the stack states them: its weights may be of another width than the family's
    }
    return out;
  }
  return work;
}

double KernelTimer::seconds(const KernelWork& work) const {
  const KernelWork whole = completed(work);
  const double t = expected(whole);
  return error_ ? t * std::exp(family_.deviation * error_->at(whole) / kNormal90) : t;
}

double KernelTimer::expected(const KernelWork& whole) const {
  const double t = form_.seconds(parameters_.data(), machine_, whole);
  if (!correction_) {
    return t;
  }
  const double factor = std::exp(correction_->at(whole));
  if (whole.kv_len <= 0 || whole.copies > 0) {
    return t * factor;
  }
  // What a benchmark with its KV cache in L2 took more or less than the form says is carried over in seconds:
  // it has to do with how the work is cut, not with the bytes that a cold cache reads.
  KernelWork replayed = whole;
  replayed.copies = 1;
  return std::max(0.0, t + form_.seconds(parameters_.data(), machine_, replayed) * (factor - 1));
}

Uncertainty KernelTimer::uncertainty(const KernelWork& work) const {
  return uncertainty_of(family_, completed(work), seconds(work));
}

double kernel_power_w(const spec::GpuSpec& gpu, double bytes, double flops, double elements, double seconds) {
  if (seconds <= 0) {
    return 0;  // a kernel that costs nothing draws nothing
  }
  const spec::PowerSpec& power = gpu.power;
  const double joules =
      1e-12 * (power.pj_per_byte * bytes + power.pj_per_flop * flops + power.pj_per_element * elements);
  return std::min(power.active_idle_w + power.busy_w + joules / seconds, gpu.tdp_w);
}

}  // namespace hopsim::cost
