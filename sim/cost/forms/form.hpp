// SPDX-License-Identifier: Apache-2.0
// What a model form is: a struct with a name, whether it needs a tensor peak, the relative error above which
// a row pulls linearly in a fit (kLossScale), how firmly parameters that the data do not tell are held at
// their start (kPriorWeight), its parameters and
//
//   template <class T> static T seconds(const T* p, const Machine&, const KernelWork&)
//
// that works for double and for automatic differentiation numbers, so that the same formula is evaluated in a
// simulation and fitted to measurements. A new form is one header beside this one and its name in forms.hpp.
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "cost/kernel_work.hpp"

namespace hopsim::cost::forms {

/// A parameter and where a fit may take it. Its unit is in its name.
struct Parameter {
  std::string_view name;
  double low;
  double high;
  std::vector<double> starts;  // one a starting point; the last serves for further ones
  bool fixed = false;          // not fitted: the start is kept
  bool logarithmic = false;    // fitted as its logarithm; low > 0
};

template <class T>
[[nodiscard]] T larger(const T& a, const T& b) {
  return a < b ? b : a;
}

/// (a^4 + b^4 + c^4)^(1/4) of times >= 0, scaled by the largest so that no power vanishes or overflows.
template <class T>
[[nodiscard]] T smooth_maximum(const T& a, const T& b, const T& c) {
  using std::sqrt;
  const T largest = larger(larger(a, b), c);
  if (!(largest > 0.0)) {
    return largest;
  }
  const auto fourth = [&](const T& t) -> T {
    const T square = (t / largest) * (t / largest);
    return square * square;
  };
  return largest * sqrt(sqrt(fourth(a) + fourth(b) + fourth(c)));
}

/// Share of what a benchmark takes again that it finds in L2, where all that it takes in turn fills `filled`
/// (> 0) times what L2 holds: 1 / (1 + filled^slope), without overflow.
template <class T>
[[nodiscard]] T warm_share(const T& filled, const T& slope) {
  using std::exp;
  using std::log;
  constexpr double kNone = 40;  // exp(-40): nothing is left
  const T over = slope * log(filled);
  return over > kNone ? T(0.0) : T(1.0 / (1.0 + exp(over)));
}

}  // namespace hopsim::cost::forms
