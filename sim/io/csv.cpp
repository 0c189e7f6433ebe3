// SPDX-License-Identifier: Apache-2.0
#include "io/csv.hpp"

#include "base/errors.hpp"

namespace hopsim::io {

namespace {

void append_row(std::string& out, const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) {
      out += ',';
    }
    if (row[i].find_first_of(",\"\r\n") == std::string::npos) {
      out += row[i];
      continue;
    }
    out += '"';
    for (const char c : row[i]) {
      out += c;
      if (c == '"') {
        out += '"';
      }
    }
    out += '"';
  }
  out += '\n';
}

}  // namespace

void CsvTable::add(std::vector<std::string> row) {
  HOPSIM_CHECK(row.size() == header_.size(), "a CSV row has one cell a column");
  rows_.push_back(std::move(row));
}

std::string CsvTable::text() const {
  std::string out;
  append_row(out, header_);
  for (const auto& row : rows_) {
    append_row(out, row);
  }
  return out;
}

}  // namespace hopsim::io
