// SPDX-License-Identifier: Apache-2.0
// Reading an SQLite file row by row. Exports of different years lack tables and columns, so a missing column
// reads as NULL. sqlite3.h stays behind this header.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hopsim::trace::nsys {

class Database;

/// Rows of one SELECT.
class Rows {
 public:
  ~Rows();
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) = delete;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  /// Moves to the next row; false behind the last. Throws InputError where the file is damaged.
  [[nodiscard]] bool next();
  [[nodiscard]] std::optional<std::int64_t> integer(int column) const;
  [[nodiscard]] std::optional<std::string> text(int column) const;

 private:
  friend class Database;
  struct Impl;
  explicit Rows(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Database {
 public:
  /// Opens without writing anything beside the file. Throws InputError when it is no SQLite file.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] bool has_table(const std::string& table) const;
  /// The columns of a table, in the order of its rows; no rows where the table is missing.
  [[nodiscard]] Rows select(const std::string& table, const std::vector<std::string>& columns) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hopsim::trace::nsys
