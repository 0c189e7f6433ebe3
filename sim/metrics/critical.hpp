// SPDX-License-Identifier: Apache-2.0
// Critical points: where low precision costs as much as 16 bit. Found by root finding on the simulated curve,
// all crossings of it; closed forms of the literature are only printed beside them.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace hopsim::metrics {

/// One crossing, and which side of it is the trap.
struct Crossing {
  double at = 0;
  bool trap_below = false;  // costs more than 16 bit below, less above
};

struct CriticalPoints {
  enum class Outcome {
    kCrossings,
    kAlwaysTrapped,
    kNeverTrapped,
    kNothingFits,
    kNotSupported,
    kAccuracyUnknown
  };

  Outcome outcome = Outcome::kNothingFits;
  std::vector<Crossing> crossings;
  double lowest = 0;  // range of the curve that exists
  double highest = 0;
};

/// "crossings", "always trapped", "never trapped", "nothing fits", "not supported" (the GPU lacks the
/// kernels), "accuracy unknown" (so is energy per right answer)
[[nodiscard]] std::string_view to_text(CriticalPoints::Outcome outcome);

/// What is searched, at an abscissa.
struct Curve {
  std::function<std::optional<double>(double)> log_ratio;  // log(cost at q / cost at 16 bit), where it runs
  std::function<bool(double)> runs;                        // whether there is one: cheaper to ask
};

/// Crossings along a continuous axis (N), sought between neighbours of `grid` (growing, positive) to a
/// relative accuracy of 1e-3 in the abscissa (the curve has jumps: shapes are whole numbers). Two crossings
/// between neighbours are found where the curve dips towards zero around one of them. Where a neighbour can't
/// run, the edge of what runs is found first and the stretch up to it searched as well.
[[nodiscard]] CriticalPoints crossings_along(const Curve& curve, const std::vector<double>& grid);

/// The same along whole numbers (batch): a crossing is the first whole number on the far side.
[[nodiscard]] CriticalPoints crossings_along_integers(const Curve& curve, const std::vector<int>& grid);

/// The closed form of arXiv 2602.13595 as printed in its authors' notes, N* = phi B_W B / (alpha (pi - p)),
/// with the one reading of its undefined symbols that has consistent dimensions: phi casting time a step in
/// seconds, B_W bytes per second, B batch, alpha = 1/8 byte per parameter and bit, pi = 16, p bits. It grows
/// with B, against the authors' own statement; printed for comparison only. 0 for p >= 16.
[[nodiscard]] double literature_critical_params(double casting_s, double bandwidth_bytes_s, int batch,
                                                int bits);

/// The same balance derived anew: a step saves alpha (pi - p) N / B_W seconds of reading weights and pays phi
/// for casting, so N* = phi B_W / (alpha (pi - p)), without the batch, which the saving and the casting
/// share. It has no B*: neither form does.
[[nodiscard]] double rederived_critical_params(double literature_params, int batch);

}  // namespace hopsim::metrics
