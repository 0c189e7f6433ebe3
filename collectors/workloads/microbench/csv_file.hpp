// SPDX-License-Identifier: Apache-2.0
// A CSV file that is complete up to the last row at any moment: each row is one write. A capture that is
// stopped halfway keeps what it measured.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hopsim::microbench {

/// One cell: quoted where it has to be; nothing for a number that is not known.
[[nodiscard]] std::string cell(const std::string& text);
[[nodiscard]] std::string cell(double value);
[[nodiscard]] std::string cell(std::int64_t value);
[[nodiscard]] std::string cell(const std::optional<double>& value);
[[nodiscard]] std::string joined(const std::vector<std::string>& cells);

class CsvFile {
 public:
  /// Throws std::runtime_error where the file cannot be written.
  CsvFile(const std::string& path, const std::string& header);
  /// Cells as cell() makes them, as many as the header has.
  void row(const std::vector<std::string>& cells);

 private:
  void write(const std::string& line);
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::size_t columns_ = 0;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace hopsim::microbench
