// SPDX-License-Identifier: Apache-2.0
// The registry of model forms.
#pragma once

#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "cost/forms/cast.hpp"
#include "cost/forms/collective.hpp"
#include "cost/forms/decode_attention.hpp"
#include "cost/forms/fused_gemm.hpp"
#include "cost/forms/gemm.hpp"
#include "cost/forms/stream.hpp"
#include "cost/forms/tiles.hpp"

namespace hopsim::cost::forms {

using All = std::tuple<Stream, Gemm, FusedGemm, Cast, Tiles, AttentionFa2, AttentionFa3, AttentionFi,
                       AttentionTrt, CollectiveRing, CollectiveNvlink>;

/// A form without its type.
struct Form {
  std::string_view name;
  bool uses_tensor_peak;
  bool decode_attention;  // takes the sizes of a decode attention, and jumps with the context
  bool collective;        // takes ranks and a message
  bool uses_nvlink;
  std::span<const Parameter> parameters;
  double (*seconds)(const double* parameters, const Machine&, const KernelWork&);
};

[[nodiscard]] const std::vector<Form>& all();

/// nullptr where there is none of that name.
[[nodiscard]] const Form* find(std::string_view name);

/// Calls action(FormType{}) for the form of that name; false where there is none.
template <class Action>
bool visit(std::string_view name, Action action) {
  return std::apply(
      [&](auto... form) { return ((decltype(form)::kName == name ? (action(form), true) : false) || ...); },
      All{});
}

/// A family's parameters in the order of its form. Throws InputError, at the family's place in its file, for
/// an unknown form and for parameters that are missing, unknown or out of range.
[[nodiscard]] std::vector<double> parameters_of(const spec::KernelFamily& family, const Form& form);
[[nodiscard]] const Form& form_of(const spec::KernelFamily& family);

}  // namespace hopsim::cost::forms
