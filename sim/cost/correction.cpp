// SPDX-License-Identifier: Apache-2.0
#include "cost/correction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "base/text.hpp"

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

Grid::Grid(const spec::CorrectionTable& table) {
  HOPSIM_CHECK(table.axes.size() <= kMostAxes, "a surface has at most four axes");
  for (std::size_t i = 0; i < table.axes.size(); ++i) {
    const auto size = size_named(table.axes[i]);
    if (!size) {
      throw InputError(table.at, fmt::format("a correction has no axis '{}'", table.axes[i]),
                       "allowed: " + join(size_names()));
    }
    axes_.emplace_back(*size, table.knots[i]);
  }
}

std::size_t Grid::cells() const {
  std::size_t out = 1;
  for (const GridAxis& axis : axes_) {
    out *= axis.log2_knots().size();
  }
  return out;
}

Correction::Correction(const std::vector<spec::CorrectionTable>& tables) {
  for (const spec::CorrectionTable& table : tables) {
    Surface surface{Grid(table), {}};
    for (const int permille : table.permille) {
      surface.values.push_back(static_cast<float>(permille) * 1e-3F);
    }
    surfaces_.push_back(std::move(surface));
  }
}

double Correction::at(const KernelWork& work) const {
  double sum = 0;
  double fade = 1;
  for (const Surface& surface : surfaces_) {
    fade = std::min(fade, surface.grid.corners(work, [&](std::size_t cell, double weight) {
      sum += weight * static_cast<double>(surface.values[cell]);
    }));
  }
  return fade * sum;
}

}  // namespace hopsim::cost
