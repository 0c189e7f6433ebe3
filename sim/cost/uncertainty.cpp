// SPDX-License-Identifier: Apache-2.0
#include "cost/uncertainty.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace hopsim::cost {

namespace {

// Octaves by which a size leaves what the fit saw; 0 where the work has no such size.
auto octaves_outside(double x, double low, double high) -> double {
  return x > 0 ? std::max({0.0, std::log2(low / x), std::log2(x / high)}) : 0;
}

auto octaves_outside(const spec::KernelFamily& family, const KernelWork& work) -> double {
  double out = 0;
  for (const auto& [name, range] : family.measured) {
    const auto size = size_named(name);
    out += octaves_outside(size ? work.*(*size) : 0, range.first, range.second);
  }
  return out;
}

auto error_inside(const spec::KernelFamily& family) -> double {
  std::vector<int> regions = family.error90_permille;
  if (regions.size() != kRegionCount) {
    return family.rows > 0 && family.p90_ape > 0 ? std::log1p(family.p90_ape) : kAssumedError90;
  }
  const auto middle = regions.begin() + static_cast<std::ptrdiff_t>(kRegionCount / 2);
  std::nth_element(regions.begin(), middle, regions.end());
  return 1e-3 * *middle;
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

CommonError::CommonError(const spec::KernelFamily& family) : inside_(error_inside(family)) {
  if (family.source.kind == Provenance::kBorrowed) {
    inside_ = std::hypot(inside_, family.transfer_error90);
  }
  for (const auto& [name, range] : family.measured) {
    if (const auto size = size_named(name)) {
      measured_.push_back({*size, range.first, range.second});
    }
  }
}

double CommonError::at(const KernelWork& work) const {
  double octaves = 0;
  for (const Range& range : measured_) {
    octaves += octaves_outside(work.*range.size, range.low, range.high);
  }
  return std::hypot(inside_, kPerOctave * octaves);
}

}  // namespace hopsim::cost
