// SPDX-License-Identifier: Apache-2.0
// How long one kernel runs and what it draws:
//
//   t  = form(parameters, GPU, work) * exp(correction)          forms: cost/forms/
//   P  = min(TDP, active_idle + busy + (e_b bytes + e_f flops + e_a elements) / t)
//
// Seconds, bytes, flops, watts.
#pragma once

#include <optional>
#include <vector>

#include "cost/correction.hpp"
#include "cost/forms/forms.hpp"
#include "cost/kernel_work.hpp"
#include "cost/uncertainty.hpp"
#include "spec/gpu.hpp"

namespace hopsim::cost {

/// A family on a GPU, checked and ready to be evaluated: tens of nanoseconds, a few hundred for an attention,
/// no allocation.
class KernelTimer {
 public:
  /// Throws InputError for a family whose parameters do not fit its form. `family` must outlive the timer.
  KernelTimer(const spec::KernelFamily& family, const spec::GpuSpec& gpu);

  /// Seconds, >= 0 and finite; of a drawn family off by its deviation.
  [[nodiscard]] double seconds(const KernelWork& work) const;

  /// A linear layer is taken at the family's own number format where it states one.
  [[nodiscard]] KernelWork completed(const KernelWork& work) const;

  [[nodiscard]] const forms::Form& form() const { return form_; }

  [[nodiscard]] Uncertainty uncertainty(const KernelWork& work) const;

 private:
  [[nodiscard]] double expected(const KernelWork& whole) const;

  const spec::KernelFamily& family_;
  const forms::Form& form_;
  std::vector<double> parameters_;
  Machine machine_;
  std::optional<Correction> correction_;
  std::optional<CommonError> error_;  // of a drawn family
};

/// Board power while a kernel runs, in watts. Classes differ by what they do: bytes, flops, converted
/// elements.
[[nodiscard]] double kernel_power_w(const spec::GpuSpec& gpu, double bytes, double flops, double elements,
                                    double seconds);

}  // namespace hopsim::cost
