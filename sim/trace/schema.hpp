// SPDX-License-Identifier: Apache-2.0
// The columns of the trace HDF5 (DESIGN.md section 5), described once: the writer takes values out of a
// record with `get`, the reader puts them back with `set` after it has checked them against [low, high] and
// against what they refer to. A file holds every value as int64.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "trace/records.hpp"

namespace hopsim::trace {

inline constexpr const char* kTraceFormat = "hopsim-trace";
inline constexpr const char* kTraceVersion = "1.1";  // readers refuse another number before the point

/// What an id points into; such a value is below the number of rows there (kNone is "nothing" where `low`
/// allows it).
enum class Target { kNothing, kNames, kRanges, kKernels };

template <class R>
struct Column {
  const char* name;
  const char* units;
  const char* long_name;
  std::int64_t (*get)(const R&);
  void (*set)(R&, std::int64_t);
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  Target target = Target::kNothing;
  const char* since = "1.0";  // older files lack it; its values are the record's defaults then
};

[[nodiscard]] const std::vector<Column<Kernel>>& kernel_columns();
[[nodiscard]] const std::vector<Column<ApiCall>>& launch_columns();
[[nodiscard]] const std::vector<Column<MemoryOp>>& memory_columns();
[[nodiscard]] const std::vector<Column<Sync>>& sync_columns();
[[nodiscard]] const std::vector<Column<Range>>& range_columns();
[[nodiscard]] const std::vector<Column<PowerSample>>& power_columns();
[[nodiscard]] const std::vector<Column<Overhead>>& overhead_columns();
[[nodiscard]] const std::vector<Column<Shape>>& shape_columns();

}  // namespace hopsim::trace
