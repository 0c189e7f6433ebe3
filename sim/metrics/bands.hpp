// SPDX-License-Identifier: Apache-2.0
// What a set of draws (cost/draw.hpp) says about a comparison and about critical points: intervals, and how
// many draws agree. Every draw was simulated whole, so its verdict and its crossings are its own.
#pragma once

#include <vector>

#include "metrics/comparison.hpp"
#include "metrics/critical.hpp"

namespace hopsim::metrics {

inline constexpr double kLowQuantile = 0.05;
inline constexpr double kHighQuantile = 0.95;

/// These quantiles.
struct Band {
  double low = 0, high = 0;
};

/// Linear between order statistics. {0, 0} of nothing.
[[nodiscard]] Band band_of(std::vector<double> values);

/// Of one point. Plain numbers: they travel between processes.
struct PointBands {
  double verdict_share = 1;   // of draws, those with the verdict of the profiles as they are
  double slower_share = 0;    // ... with more time than 16 bit
  double hungrier_share = 0;  // ... with more energy
  Band cor, energy_ratio;
};

/// `verdict` is that of the profiles as they are. Of a point without a comparison (16 bit itself, what does
/// not run), which no draw changes: the default.
[[nodiscard]] PointBands bands_of(Verdict verdict, const std::vector<Comparison>& draws);

/// The slower and hungrier of verdicts: more time, or more energy, than 16 bit.
[[nodiscard]] bool is_slower(Verdict verdict);
[[nodiscard]] bool is_hungrier(Verdict verdict);

/// One crossing in the draws.
struct CrossingBand {
  double share = 0;  // of draws that have it
  Band at;           // of these
};

struct CriticalBands {
  double crosses = 0, always = 0, never = 0;  // shares of draws with crossings, always or never trapped
  std::vector<CrossingBand> crossings;
};

/// One band for each crossing of `expected`: a draw has it where one of its own crossings has the same
/// direction and lies nearer to it, by ratio, than to any other of `expected` in that direction; of several
/// the nearest. Where `expected` has none, one band of the first crossing of the draws that have any.
[[nodiscard]] CriticalBands bands_of(const CriticalPoints& expected,
                                     const std::vector<CriticalPoints>& draws);

}  // namespace hopsim::metrics
