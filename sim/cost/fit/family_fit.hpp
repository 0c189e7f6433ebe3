// SPDX-License-Identifier: Apache-2.0
// One kernel family fitted from measurements: parameters of its form, correction, and what both miss
// on rows whose shape they did not see. Five folds by shape: for a linear layer the pair (n, k), whose rows
// differ in m alone; for attention the head configuration (q_heads, kv_heads, head_dim), whose rows differ in
// batch and context. Folds by row would let a neighbour one step in m or in context away answer for the row.
#pragma once

#include <functional>
#include <optional>

#include "cost/fit/folds.hpp"
#include "cost/fit/samples.hpp"

namespace hopsim::cost::fit {

inline constexpr std::size_t kFewestShapes = 5;
inline constexpr std::size_t kFewestRows = 40;

/// Errors of rows that a fit had not seen.
struct ErrorStatistics {
  std::size_t n = 0;
  double median_ape = 0;
  double p90_ape = 0;
  double coverage = 0;  // share inside the stated 90 % interval
};

struct FamilyFit {
  spec::KernelFamily family;
  ErrorStatistics all, skinny;  // skinny: m <= kSkinnyRows
  std::string notes;            // what the fit left out or hardly heeds
};

/// Nothing, with the reason in `why`, where there are too few shapes or rows. `progress` is called after each
/// of the kFolds + 1 fits.
[[nodiscard]] std::optional<FamilyFit> fit_family(const FamilyData& data, const spec::GpuSpec& gpu,
                                                  std::string& why, const std::function<void()>& progress);

/// The sizes whose measured range a fit records.
[[nodiscard]] std::vector<std::string> measured_sizes(spec::KernelOperator op);

/// Of |predicted / measured - 1|; the vectors are equally long.
[[nodiscard]] ErrorStatistics error_statistics(const std::vector<double>& measured,
                                               const std::vector<double>& predicted,
                                               const std::vector<double>& error90);

/// Linear interpolation between order statistics; 0 for no values.
[[nodiscard]] double quantile(std::vector<double> values, double q);

}  // namespace hopsim::cost::fit
