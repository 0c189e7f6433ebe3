// SPDX-License-Identifier: Apache-2.0
// Robust non-linear least squares of a model form: sum of soft-L1(weight * log(model / measured)) with the
// form's scale, so that a row off by more than that pulls linearly, not quadratically. Bounded
// Levenberg-Marquardt (Ceres) from several starting points, exact derivatives, one thread: the result depends
// on its input alone.
#pragma once

#include <string>
#include <vector>

#include "cost/fit/samples.hpp"

namespace hopsim::cost::fit {

struct FormFit {
  std::vector<double> parameters;  // in the order of the form
  double cost = 0;
};

/// Starts from each of the form's starting points, or from `near` alone where that is given, to save the
/// tries; a form with one starting point keeps to it. Requires a known form and samples.
[[nodiscard]] FormFit fit_form(const std::string& form, const Machine& machine,
                               const std::vector<const Sample*>& samples,
                               const std::vector<double>& near = {});

}  // namespace hopsim::cost::fit
