// SPDX-License-Identifier: Apache-2.0
// CSV as spreadsheets and pandas read it (RFC 4180): one header row, quoting where needed.
#pragma once

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

}  // namespace hopsim::io
