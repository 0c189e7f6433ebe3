// SPDX-License-Identifier: Apache-2.0
// How far off a prediction may be: the half width of its 90 % interval, relative. A family's fit keeps, for
// each region, the width that held 90 % of the rows whose shapes the fit had not seen. Regions: weights in
// HBM or in L2; m <= 64 or more; predicted time. Beyond the measured sizes the interval widens by kPerOctave
// for each factor of two (assumed); parameters borrowed from another GPU add the error found when a measured
// GPU is left out and predicted from the others.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/provenance.hpp"
#include "cost/kernel_work.hpp"

namespace hopsim::cost {

inline constexpr double kSkinnyRows = 64;
inline constexpr std::array<double, 3> kTimeEdges_s = {8e-6, 32e-6, 128e-6};
inline constexpr std::size_t kRegionCount = 2 * 2 * (kTimeEdges_s.size() + 1);
inline constexpr double kPerOctave = 0.1;
/// Of a family that no measurement was fitted to.
inline constexpr double kAssumedError90 = 0.5;

/// 9 in 10 of a normal distribution lie within so many standard deviations.
inline constexpr double kNormal90 = 1.6448536269514722;

[[nodiscard]] std::size_t region_of(const KernelWork& work, double predicted_s);

enum class Reach { kInterpolated, kExtrapolated, kBorrowed, kSpecOnly };
[[nodiscard]] std::string_view to_text(Reach reach);

struct Uncertainty {
  double error90 = 0;  // |log(measured / predicted)| stays below this 9 times in 10
  Reach reach = Reach::kInterpolated;
};

[[nodiscard]] Uncertainty uncertainty_of(const spec::KernelFamily& family, const KernelWork& work,
                                         double predicted_s);

/// The 90 % error that a draw takes all kernels of a family to have in common: the median over the regions
/// (without regions the held-out p90_ape, or what is assumed), with the transfer and the octaves outside as
/// above. Continuous in the sizes, unlike that of a region, so that it makes no crossings. Errors of single
/// shapes, which average out over the layers of a model, are in it: intervals are rather too wide.
class CommonError {
 public:
  explicit CommonError(const spec::KernelFamily& family);
  [[nodiscard]] double at(const KernelWork& work) const;

 private:
  struct Range {
    Size size;
    double low, high;
  };
  double inside_;
  std::vector<Range> measured_;
};

}  // namespace hopsim::cost
