// SPDX-License-Identifier: Apache-2.0
// The columns of /points, /critical and their bands: where each lives in its row, its units, what it says.
// Internal to report/. Varied fields of the experiment follow these as further columns of numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/bands.hpp"
#include "report/results_file.hpp"
#include "sweep/critical_search.hpp"

namespace hopsim::report {

template <class Row, class T>
struct Column {
  T Row::*field;
  const char* name;
  const char* units;
  const char* long_name;
};

template <class Row>
struct Schema {
  std::vector<Column<Row, std::string>> texts;
  std::vector<Column<Row, std::int64_t>> integers;
  std::vector<Column<Row, double>> doubles;
};

[[nodiscard]] PointBandRow band_row(const metrics::PointBands& bands);
/// One for each crossing, or one where there is none, as in /critical.
[[nodiscard]] std::vector<CriticalBandRow> band_rows(const std::vector<sweep::CriticalRow>& critical);

[[nodiscard]] const Schema<PointRow>& point_schema();
[[nodiscard]] const Schema<CriticalPointRow>& critical_schema();
[[nodiscard]] const Schema<PointBandRow>& point_band_schema();
[[nodiscard]] const Schema<CriticalBandRow>& critical_band_schema();

}  // namespace hopsim::report
