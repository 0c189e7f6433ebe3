// SPDX-License-Identifier: Apache-2.0
#include "microbench/csv_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace hopsim::microbench {

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string cell(double value) {
  if (!std::isfinite(value)) return "";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string cell(std::int64_t value) { return std::to_string(value); }

std::string cell(const std::optional<double>& value) { return value ? cell(*value) : ""; }

std::string joined(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + cells[i];
  return line;
}

CsvFile::CsvFile(const std::string& path, const std::string& header)
    : path_(path),
      columns_(static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')) + 1),
      file_(std::fopen(path.c_str(), "w")) {
  if (!file_) throw std::runtime_error(path + ": cannot be written");
  write(header);
}

void CsvFile::row(const std::vector<std::string>& cells) {
  if (cells.size() != columns_) throw std::logic_error(path_ + ": a row of another width than the header");
  write(joined(cells));
}

void CsvFile::write(const std::string& line) {
  if (std::fputs((line + "\n").c_str(), file_.get()) < 0 || std::fflush(file_.get()) != 0) {
    throw std::runtime_error(path_ + ": cannot be written");
  }
}

}  // namespace hopsim::microbench
