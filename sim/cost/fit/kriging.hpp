// SPDX-License-Identifier: Apache-2.0
// Fits the correction of a linear layer's form (cost/correction.hpp) by kriging: what the form leaves over,
// log(measured / form), is a Gaussian process whose covariance between two rows is
//   spread^2 exp(-|dm| / rows) exp(-|dn| / n - |dk| / k - |dn + dk| / weights - warmth |dw|)
// with dm, dn, dk in octaves and w the share of the weights in L2, plus noise. Libraries change kernels from
// one size to the next, so it is rough; it stays along n at one k and along k at one n; along equal weights
// n k where L2 rules, and weights on either side of what L2 holds tell little of each other. How far it
// reaches, whether warmth counts and how noisy the rows are is chosen among a few by folds over shapes,
// within the rows given. A row off by much more than what is tolerated pulls less and less (weight
// 1 / (1 + (off / tolerated)^2), Cauchy): benchmarks hold rows that took two or three times as long as their
// neighbours. On the lattice of shapes and m the covariance is a Kronecker product; rows that are missing or
// weigh less are filled in by iteration (expectation and maximisation), so that a fit costs one eigenvalue
// problem of the shapes. C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, 2006,
// ch. 2; Saatci, thesis, Cambridge 2011.
#pragma once

#include <functional>
#include <vector>

#include "cost/fit/samples.hpp"

namespace hopsim::cost::fit {

struct Kriged {
  std::vector<spec::CorrectionTable> tables;  // one, or none where the samples' sizes do not differ
  std::size_t outliers = 0;                   // rows that hardly weighed
};

/// Share of a shape's weights (n, k) that lay in L2 when it was measured, 0 to 1.
using WarmShare = std::function<double(double n, double k)>;

/// `residuals` is log(measured / form) of each sample; no two samples have the same m, n and k.
[[nodiscard]] Kriged kriged_correction(const std::vector<const Sample*>& samples,
                                       const std::vector<double>& residuals, const WarmShare& warm);

}  // namespace hopsim::cost::fit
