// SPDX-License-Identifier: Apache-2.0
#include "cost/uncertainty.hpp"

#include <algorithm>
#include <cmath>

namespace hopsim::cost {

namespace {

// Octaves by which the sizes leave what the fit saw.
auto octaves_outside(const spec::KernelFamily& family, const KernelWork& work) -> double {
  double out = 0;
  for (const auto& [name, range] : family.measured) {
    const auto size = size_named(name);
    const double x = size ? work.*(*size) : 0;
    if (x > 0) {
      out += std::max({0.0, std::log2(range.first / x), std::log2(x / range.second)});
    }
  }
  return out;
}

}  // namespace

std::string_view to_text(Reach reach) {
  constexpr std::string_view kNames[] = {"interpolated", "extrapolated", "borrowed", "spec only"};
  return kNames[static_cast<std::size_t>(reach)];
}

std::size_t region_of(const KernelWork& work, double predicted_s) {
  const auto slot = static_cast<std::size_t>(
      std::upper_bound(kTimeEdges_s.begin(), kTimeEdges_s.end(), predicted_s) - kTimeEdges_s.begin());
  const std::size_t warm = work.warm > 0.5 ? 1 : 0;
  const std::size_t wide = work.m > kSkinnyRows ? 1 : 0;
  return (warm * 2 + wide) * (kTimeEdges_s.size() + 1) + slot;
}

Uncertainty uncertainty_of(const spec::KernelFamily& family, const KernelWork& work, double predicted_s) {
  if (family.error90_permille.size() != kRegionCount) {
    return {kAssumedError90, Reach::kSpecOnly};
  }
  Uncertainty out;
  out.error90 = 1e-3 * family.error90_permille[region_of(work, predicted_s)];
  const double octaves = octaves_outside(family, work);
  if (octaves > 1e-9) {
    out.error90 = std::hypot(out.error90, kPerOctave * octaves);
    out.reach = Reach::kExtrapolated;
  }
  if (family.source.kind == Provenance::kBorrowed) {
    out.error90 = std::hypot(out.error90, family.transfer_error90);
    out.reach = Reach::kBorrowed;
  }
  return out;
}

}  // namespace hopsim::cost
