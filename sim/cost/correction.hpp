// SPDX-License-Identifier: Apache-2.0
// What a model form leaves over, as a surface: log(measured / form) at the knots of a grid over the
// logarithms of up to four sizes, multilinear between knots. Outside the grid the value at its edge fades to
// 0 within one octave (a factor of two), so that extrapolation rests on the form alone. No allocation when
// evaluated.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "cost/kernel_work.hpp"

namespace hopsim::cost {

/// Where a size lies among the knots of an axis.
struct GridPlace {
  std::size_t cell = 0;  // left knot
  double fraction = 0;   // towards the right one
  double outside = 0;    // octaves beyond the grid
};

class GridAxis {
 public:
  GridAxis(Size size, const std::vector<double>& knots);

  [[nodiscard]] GridPlace place(const KernelWork& work) const;
  [[nodiscard]] const std::vector<double>& log2_knots() const { return knots_; }

 private:
  Size size_;
  std::vector<double> knots_;  // log2
};

class Correction {
 public:
  static constexpr std::size_t kMostAxes = 4;
  static constexpr double kFadeOctaves = 1;

  /// Throws InputError where an axis names no size.
  explicit Correction(const spec::CorrectionTable& table);

  /// log(measured / form), 0 well outside the grid.
  [[nodiscard]] double at(const KernelWork& work) const;

  /// Calls action(index, weight) for each corner of the cell that holds the sizes.
  template <class Action>
  static void corners(const std::vector<GridAxis>& axes, const std::array<GridPlace, kMostAxes>& places,
                      Action action) {
    const std::size_t count = std::size_t{1} << axes.size();
    for (std::size_t corner = 0; corner < count; ++corner) {
      double weight = 1;
      std::size_t index = 0;
      for (std::size_t a = 0; a < axes.size(); ++a) {
        const bool right = (corner >> a & 1U) != 0;
        weight *= right ? places[a].fraction : 1 - places[a].fraction;
        index = index * axes[a].log2_knots().size() + places[a].cell + (right ? 1 : 0);
      }
      action(index, weight);
    }
  }

 private:
  std::vector<GridAxis> axes_;
  std::vector<float> values_;
};

/// Axes by their names. Throws InputError, at `at`, where one names no size.
[[nodiscard]] std::vector<GridAxis> grid_axes(const std::vector<std::string>& names,
                                              const std::vector<std::vector<double>>& knots,
                                              const Location& at);

}  // namespace hopsim::cost
