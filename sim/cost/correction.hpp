// SPDX-License-Identifier: Apache-2.0
// What a model form leaves over, as a sum of surfaces: log(measured / form) at the knots of grids over the
// logarithms of up to four sizes each, multilinear between knots. Outside a grid the whole correction fades
// to 0 within one octave (a factor of two), so that extrapolation rests on the form alone. No allocation when
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

/// The axes of one surface.
class Grid {
 public:
  static constexpr std::size_t kMostAxes = 4;

  /// Throws InputError, at the table's place, where an axis names no size.
  explicit Grid(const spec::CorrectionTable& table);

  [[nodiscard]] const std::vector<GridAxis>& axes() const { return axes_; }
  [[nodiscard]] std::size_t cells() const;

  /// Calls action(cell, weight) for each corner around the sizes; how much of the correction holds there.
  template <class Action>
  double corners(const KernelWork& work, Action action) const {
    std::array<GridPlace, kMostAxes> places;
    double fade = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      places[a] = axes_[a].place(work);
      fade *= places[a].outside < kFadeOctaves ? 1 - places[a].outside / kFadeOctaves : 0;
    }
    const std::size_t count = std::size_t{1} << axes_.size();
    for (std::size_t corner = 0; corner < count; ++corner) {
      double weight = 1;
      std::size_t cell = 0;
      for (std::size_t a = 0; a < axes_.size(); ++a) {
        const bool right = (corner >> a & 1U) != 0;
        weight *= right ? places[a].fraction : 1 - places[a].fraction;
        cell = cell * axes_[a].log2_knots().size() + places[a].cell + (right ? 1 : 0);
      }
      action(cell, weight);
    }
    return fade;
  }

 private:
  static constexpr double kFadeOctaves = 1;
  std::vector<GridAxis> axes_;
};

class Correction {
 public:
  explicit Correction(const std::vector<spec::CorrectionTable>& tables);

  /// log(measured / form), 0 well outside the grids.
  [[nodiscard]] double at(const KernelWork& work) const;

 private:
  struct Surface {
    Grid grid;
    std::vector<float> values;
  };
  std::vector<Surface> surfaces_;
};

}  // namespace hopsim::cost
