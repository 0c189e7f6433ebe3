// SPDX-License-Identifier: Apache-2.0
// CSV as spreadsheets and pandas read it (RFC 4180): one header row, quoting where needed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hopsim::io {

class CsvTable {
 public:
  explicit CsvTable(std::vector<std::string> header) : header_(std::move(header)) {}
  /// One cell a column of the header.
  void add(std::vector<std::string> row);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// Six digits: more than any result holds.
[[nodiscard]] std::string csv_number(double x);

/// A CSV file in memory. Rows have as many cells as the header.
struct CsvFile {
  std::string name;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<int> lines;  // where each row starts, from 1

  /// Index of a column; header.size() where there is none.
  [[nodiscard]] std::size_t column(const std::string& title) const;
};

/// Throws InputError: no header, a row of another length, a quote that is not closed.
[[nodiscard]] CsvFile parse_csv(const std::string& text, const std::string& name);
[[nodiscard]] CsvFile read_csv(const std::string& path);

}  // namespace hopsim::io
