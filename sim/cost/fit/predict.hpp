// SPDX-License-Identifier: Apache-2.0
// The rows of a kernel table through a GPU's kernel families, and how far off they are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cost/fit/family_fit.hpp"
#include "cost/fit/kernel_rows.hpp"
#include "cost/uncertainty.hpp"

namespace hopsim::cost::fit {

struct RowPrediction {
  std::string family;
  double seconds = 0;
  Uncertainty uncertainty;
};

/// One a row. Where the GPU lacks a row's family, another of the same operator and number format stands in,
/// and counts as borrowed. Throws InputError where it has none.
[[nodiscard]] std::vector<RowPrediction> predict_rows(const KernelTable& table,
                                                      const spec::FamilyRules& rules,
                                                      const spec::GpuSpec& gpu);

/// A group of rows: "dtype" "fp8", "m" "<= 64" ...
struct GroupErrors {
  std::string name;
  ErrorStatistics errors;
  double bias = 0;  // median of log(predicted / measured)
};

struct PredictionErrors {
  GroupErrors all;
  std::vector<GroupErrors> families, dtypes, rows, sizes;
  std::vector<std::size_t> worst;  // rows of the table, furthest off first
};

/// Over the rows that have a latency.
[[nodiscard]] PredictionErrors prediction_errors(const KernelTable& table,
                                                 const std::vector<RowPrediction>& predictions);

/// The table with the columns predicted_us, error90, reach, family and, for measured rows, error added.
[[nodiscard]] std::string table_with_predictions(const KernelTable& table,
                                                 const std::vector<RowPrediction>& predictions);

}  // namespace hopsim::cost::fit
