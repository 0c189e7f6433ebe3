// SPDX-License-Identifier: Apache-2.0
#include "cost/forms/forms.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace hopsim::cost::forms {

namespace {

template <class F>
auto erased() -> Form {
  static_assert(F::kSize > 0);
  constexpr bool kDecodeAttention = requires { F::kDecodeAttention; };
  constexpr bool kCollective = requires { F::kCollective; };
  constexpr bool kUsesNvlink = requires { F::kUsesNvlink; };
  return {F::kName,        F::kUsesTensorPeak,          kDecodeAttention, kCollective, kUsesNvlink,
          F::parameters(), &F::template seconds<double>};
}

auto names(std::span<const Parameter> parameters) -> std::vector<std::string> {
  std::vector<std::string> out;
  for (const Parameter& p : parameters) {
    out.emplace_back(p.name);
  }
  return out;
}

}  // namespace

const std::vector<Form>& all() {
  static const std::vector<Form> kAll =
      std::apply([](auto... form) { return std::vector<Form>{erased<decltype(form)>()...}; }, All{});
  return kAll;
}

const Form* find(std::string_view name) {
  for (const Form& form : all()) {
    if (form.name == name) {
      return &form;
    }
  }
  return nullptr;
}

const Form& form_of(const spec::KernelFamily& family) {
  const Form* form = find(family.form);
  if (form == nullptr) {
    std::vector<std::string> known;
    for (const Form& one : all()) {
      known.emplace_back(one.name);
    }
    throw InputError(family.at, fmt::format("unknown model form '{}'", family.form),
                     suggestion(family.form, known));
  }
  return *form;
}

std::vector<double> parameters_of(const spec::KernelFamily& family, const Form& form) {
  Findings findings;
  if (form.uses_tensor_peak && family.tensor_peak.empty()) {
    findings.add(family.at, fmt::format("form '{}' needs a tensor_peak", form.name));
  }
  std::vector<double> out;
  for (const Parameter& p : form.parameters) {
    const auto found = family.parameters.find(std::string(p.name));
    if (found == family.parameters.end()) {
      findings.add(family.at, fmt::format("form '{}' needs the parameter '{}'", form.name, p.name));
      continue;
    }
    const double x = found->second.value;
    if (!(x >= p.low && x <= p.high)) {
      findings.add(found->second.at, fmt::format("{} is out of range: {}", p.name, x),
                   fmt::format("allowed: [{}, {}]", p.low, p.high));
    }
    out.push_back(x);
  }
  for (const auto& [name, parameter] : family.parameters) {
    const std::vector<std::string> known = names(form.parameters);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      findings.add(parameter.at, fmt::format("form '{}' has no parameter '{}'", form.name, name),
                   suggestion(name, known));
    }
  }
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::cost::forms
