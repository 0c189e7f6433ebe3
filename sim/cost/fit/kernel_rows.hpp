// SPDX-License-Identifier: Apache-2.0
// Kernel tables (CSV): measured linear layers and decode attentions, recognised by their header. Columns that
// are not known are carried along untouched. A row without a latency asks for a prediction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/csv.hpp"
#include "spec/kernel_families.hpp"

namespace hopsim::cost::fit {

struct KernelRow {
  spec::KernelLabel label;
  // Linear layer: m, n, k. Decode attention: m is the batch.
  double m = 0, n = 0, k = 0;
  double kv_len = 0, q_heads = 0, kv_heads = 0, head_dim = 0;
  std::optional<double> seconds;
  std::optional<bool> warm;  // column maybe_l2_warm of a replayed benchmark: the weights lay in L2
  Location at;
};

struct KernelTable {
  spec::KernelOperator op = spec::KernelOperator::kLinear;
  io::CsvFile csv;
  std::vector<KernelRow> rows;  // one a row of `csv`
};

/// Throws InputError: an unknown header, a cell that is no number in range; all findings of the file up to
/// twenty.
[[nodiscard]] KernelTable read_kernel_table(const std::string& path);
[[nodiscard]] KernelTable kernel_table_from(io::CsvFile csv);

}  // namespace hopsim::cost::fit
