// SPDX-License-Identifier: Apache-2.0
#include "report/results_file.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/errors.hpp"
#include "io/hdf5.hpp"
#include "report/results_schema.hpp"

namespace hopsim::report {

namespace {

// What a results file of ours can't hold: control characters in a name, a number that is not finite.
void check_value(const std::string& path, const std::string& column, const std::string& value) {
  if (std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    throw InputError(Location{path}, column + " holds control characters");
  }
}
void check_value(const std::string& path, const std::string& column, double value) {
  if (!std::isfinite(value)) {
    throw InputError(Location{path}, column + " holds a number that is not finite");
  }
}
void check_value(const std::string&, const std::string&, std::int64_t) {}

template <class Row, class T, class Get>
void read_columns(const std::string& path, const std::string& group, std::vector<Row>& rows,
                  const std::vector<Column<Row, T>>& columns, Get get) {
  for (const Column<Row, T>& column : columns) {
    const std::vector<T> values = get(column.name);
    if (rows.empty()) {
      rows.resize(values.size());
    }
    if (values.size() != rows.size()) {
      throw InputError(Location{path}, group + "/" + column.name + " is not as long as the other columns");
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      check_value(path, group + "/" + column.name, values[i]);
      rows[i].*(column.field) = values[i];
    }
  }
}

template <class Row>
auto read_group(const io::Hdf5Reader& file, const std::string& path, const std::string& group,
                const Schema<Row>& schema) -> std::vector<Row> {
  std::vector<Row> rows;
  read_columns(path, group, rows, schema.texts, [&](const char* name) { return file.texts(group, name); });
  read_columns(path, group, rows, schema.integers,
               [&](const char* name) { return file.integers(group, name); });
  read_columns(path, group, rows, schema.doubles,
               [&](const char* name) { return file.doubles(group, name); });
  return rows;
}

// Columns of varied fields: those whose name holds a dot.
template <class Row>
void read_varied(const io::Hdf5Reader& file, const std::string& path, const std::string& group,
                 const std::vector<std::string>& names, std::vector<Row>& rows) {
  for (const std::string& name : names) {
    const std::vector<double> values = file.doubles(group, name);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      check_value(path, group + "/" + name, values.at(i));
      rows[i].varied.push_back(values[i]);
    }
  }
}

auto varied_names(const io::Hdf5Reader& file) -> std::vector<std::string> {
  std::vector<std::string> out = file.columns("/points");
  std::erase_if(out, [](const std::string& name) { return name.find('.') == std::string::npos; });
  return out;
}

// Of a sweep that was cut short, the rows of finished blocks.
void keep_finished(const io::Hdf5Reader& file, const std::string& path, std::vector<PointRow>& points) {
  const std::vector<std::int64_t> seals = file.integers("/progress", "seal");
  const std::vector<std::int64_t> first = file.integers("/progress", "first_row");
  const std::vector<std::int64_t> rows = file.integers("/progress", "rows");
  if (first.size() != seals.size() || rows.size() != seals.size()) {
    throw InputError(Location{path}, "/progress has columns of different lengths");
  }
  std::vector<PointRow> out;
  const auto size = static_cast<std::int64_t>(points.size());
  for (std::size_t i = 0; i < seals.size(); ++i) {
    if (first[i] < 0 || rows[i] < 0 || first[i] > size || rows[i] > size - first[i]) {
      throw InputError(Location{path}, "/progress names rows that /points does not have");
    }
    if (seals[i] != 0) {
      const auto begin = points.begin() + first[i];
      out.insert(out.end(), std::make_move_iterator(begin), std::make_move_iterator(begin + rows[i]));
    }
  }
  points = std::move(out);
}

}  // namespace

namespace {

void check_format(const io::Hdf5Reader& file, const std::string& path) {
  if (file.find_text_attribute("format") != "hopsim-results") {
    throw InputError(Location{path}, "is no results file", "written by: hopsim sweep X.yaml -o R.h5");
  }
  if (file.integer_attribute("version") != kResultsVersion) {
    throw InputError(Location{path}, "is of another version of the format",
                     "this hopsim reads version " + std::to_string(kResultsVersion));
  }
}

auto read_critical(const io::Hdf5Reader& file, const std::string& path,
                   const std::vector<std::string>& varied) -> std::vector<CriticalPointRow> {
  static_cast<void>(file.check_group("/critical"));
  std::vector<CriticalPointRow> out = read_group(file, path, "/critical", critical_schema());
  read_varied(file, path, "/critical", varied, out);
  return out;
}

auto read_bands(const io::Hdf5Reader& file, const std::string& path, std::size_t points, std::size_t critical)
    -> BandTables {
  BandTables out;
  out.draws = file.find_integer_attribute("draws").value_or(0);
  if (out.draws == 0) {
    return out;
  }
  out.seed = file.integer_attribute("draw_seed");
  static_cast<void>(file.check_group("/point_bands"));
  static_cast<void>(file.check_group("/critical_bands"));
  out.points = read_group(file, path, "/point_bands", point_band_schema());
  out.critical = read_group(file, path, "/critical_bands", critical_band_schema());
  if (out.points.size() != points || out.critical.size() != critical) {
    throw InputError(Location{path}, "/point_bands or /critical_bands is not as long as what it is about");
  }
  return out;
}

}  // namespace

Summary read_summary(const std::string& path) {
  const io::Hdf5Reader file(path);
  check_format(file, path);
  Summary out;
  for (const std::string& verdict : file.texts("/points", "verdict")) {
    ++out.verdicts[verdict];
    ++out.points;
  }
  for (const std::int64_t kernels : file.integers("/points", "kernels")) {
    out.kernels += kernels;
  }
  out.critical = read_critical(file, path, varied_names(file));
  out.bands = read_bands(file, path, static_cast<std::size_t>(out.points), out.critical.size());
  return out;
}

Results read_results(const std::string& path) {
  const io::Hdf5Reader file(path);
  check_format(file, path);
  Results out;
  out.experiment = file.text_attribute("experiment");
  out.title = file.text_attribute("title");
  out.complete = file.integer_attribute("complete") != 0;
  out.varied = varied_names(file);
  static_cast<void>(file.check_group("/points"));
  out.points = read_group(file, path, "/points", point_schema());
  read_varied(file, path, "/points", out.varied, out.points);
  if (!out.complete) {
    keep_finished(file, path, out.points);
    return out;
  }
  out.critical = read_critical(file, path, out.varied);
  out.bands = read_bands(file, path, out.points.size(), out.critical.size());
  return out;
}

}  // namespace hopsim::report
