// SPDX-License-Identifier: Apache-2.0
// Fits the correction surface (cost/correction.hpp): the residuals log(measured / form) on a grid, by
// weighted least squares with two penalties: on second differences along each axis (smooth) and on the values
// themselves (0 where nothing was measured). Reweighted so that rows off by more than robust_scale pull
// linearly.
#pragma once

#include <vector>

#include "cost/fit/samples.hpp"

namespace hopsim::cost::fit {

/// One grid. An axis without knots takes the sizes that occur in the samples.
struct SurfaceGrid {
  std::vector<std::string> axes;
  std::vector<std::vector<double>> knots;
};

struct SurfaceOptions {
  std::vector<SurfaceGrid> grids;
  double smoothness = 0.005;       // along each axis of a grid but the first
  double first_smoothness = 0.01;  // along the first
  double ridge = 0.005;
  double robust_scale = 0.06;
  int reweightings = 6;
};

/// The surfaces that an operator's residuals are spread over.
[[nodiscard]] SurfaceOptions surface_options(spec::KernelOperator op);

/// Grids for these samples, values empty. Axes along which they do not differ are left out.
[[nodiscard]] std::vector<spec::CorrectionTable> surface_grids(const std::vector<const Sample*>& samples,
                                                               const SurfaceOptions& options);

/// Fills in the values at the knots. `residuals` is log(measured / form) of each sample.
void fit_surfaces(const std::vector<const Sample*>& samples, const std::vector<double>& residuals,
                  const SurfaceOptions& options, std::vector<spec::CorrectionTable>& tables);

}  // namespace hopsim::cost::fit
