// SPDX-License-Identifier: Apache-2.0
#include "cost/correction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"

namespace hopsim::cost {

GridAxis::GridAxis(Size size, const std::vector<double>& knots) : size_(size) {
  HOPSIM_CHECK(knots.size() >= 2, "an axis has at least two knots");
  for (const double knot : knots) {
    knots_.push_back(std::log2(knot));
  }
}

GridPlace GridAxis::place(const KernelWork& work) const {
  const double x = std::log2(std::max(work.*size_, 1e-3));
  if (x <= knots_.front()) {
    return {0, 0, knots_.front() - x};
  }
  if (x >= knots_.back()) {
    return {knots_.size() - 2, 1, x - knots_.back()};
  }
  std::size_t cell = 0;
  while (x >= knots_[cell + 1]) {
    ++cell;
  }
  return {cell, (x - knots_[cell]) / (knots_[cell + 1] - knots_[cell]), 0};
}

std::vector<GridAxis> grid_axes(const std::vector<std::string>& names,
                                const std::vector<std::vector<double>>& knots, const Location& at) {
  std::vector<GridAxis> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto size = size_named(names[i]);
    if (!size) {
      throw InputError(at, fmt::format("a correction has no axis '{}'", names[i]),
                       "allowed: m, n, k, batch, kv_len, q_heads, kv_heads, head_dim");
    }
    out.emplace_back(*size, knots[i]);
  }
  return out;
}

Correction::Correction(const spec::CorrectionTable& table)
    : axes_(grid_axes(table.axes, table.knots, table.at)) {
  HOPSIM_CHECK(axes_.size() <= kMostAxes, "a correction has at most four axes");
  for (const int permille : table.permille) {
    values_.push_back(static_cast<float>(permille) * 1e-3F);
  }
}

double Correction::at(const KernelWork& work) const {
  std::array<GridPlace, kMostAxes> places;
  double fade = 1;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    places[a] = axes_[a].place(work);
    fade *= std::max(0.0, 1 - places[a].outside / kFadeOctaves);
  }
  if (fade <= 0) {
    return 0;
  }
  double sum = 0;
  corners(axes_, places,
          [&](std::size_t index, double weight) { sum += weight * static_cast<double>(values_[index]); });
  return fade * sum;
}

}  // namespace hopsim::cost
