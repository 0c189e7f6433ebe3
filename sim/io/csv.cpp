// SPDX-License-Identifier: Apache-2.0
#include "io/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/errors.hpp"
#include "io/files.hpp"

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

constexpr std::uintmax_t kMostBytes = std::uintmax_t{256} << 20U;

// One pass over the text; a record is handed on when its line ends.
class CsvParser {
 public:
  CsvParser(const std::string& text, const std::string& name) : text_(text) { out_.name = name; }

  CsvFile run() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quoted_) {
        take_quoted(c);
      } else if (c == '"' && cell_.empty()) {
        quoted_ = true;
      } else if (c == ',') {
        end_cell();
      } else if (c == '\n') {
        end_record();
      } else if (c != '\r') {
        cell_ += c;
      }
      line_ += c == '\n' ? 1 : 0;
    }
    if (quoted_) {
      throw InputError(Location{out_.name, start_, 1}, "a quote is not closed");
    }
    end_record();
    if (out_.header.empty()) {
      throw InputError(Location{out_.name}, "an empty table", "a CSV file with a header");
    }
    return std::move(out_);
  }

 private:
  void take_quoted(char c) {
    if (c != '"') {
      cell_ += c;
    } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
      cell_ += '"';
      ++at_;
    } else {
      quoted_ = false;
    }
  }
  void end_cell() {
    record_.push_back(std::move(cell_));
    cell_.clear();
  }
  void end_record() {
    end_cell();
    const bool blank = record_.size() == 1 && record_.front().empty();
    if (!blank && out_.header.empty()) {
      out_.header = std::move(record_);
    } else if (!blank) {
      if (record_.size() != out_.header.size()) {
        throw InputError(Location{out_.name, start_, 1}, fmt::format("{} cells in this row", record_.size()),
                         fmt::format("the header has {}", out_.header.size()));
      }
      out_.rows.push_back(std::move(record_));
      out_.lines.push_back(start_);
    }
    record_.clear();
    start_ = line_ + 1;
  }

  const std::string& text_;
  CsvFile out_;
  std::size_t at_ = 0;
  bool quoted_ = false;
  int line_ = 1;
  int start_ = 1;
  std::string cell_;
  std::vector<std::string> record_;
};

}  // namespace

std::size_t CsvFile::column(const std::string& title) const {
  return static_cast<std::size_t>(std::find(header.begin(), header.end(), title) - header.begin());
}

CsvFile parse_csv(const std::string& text, const std::string& name) { return CsvParser(text, name).run(); }

CsvFile read_csv(const std::string& path) { return parse_csv(read_text_file(path, kMostBytes), path); }

std::string csv_number(double x) { return fmt::format("{:.6g}", x); }

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
