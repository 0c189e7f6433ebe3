// SPDX-License-Identifier: Apache-2.0
// HDF5 files of column datasets: groups of equally long columns, chunked, shuffle + deflate + fletcher32,
// each with `units` and `long_name`. Thin RAII over the C API; H5py and pandas read the files without us.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hopsim::io {

/// Units text (UDUNITS, "1" for a plain number) and a description.
struct ColumnMeta {
  std::string units;
  std::string long_name;
};

/// The same calls give the same bytes: no object carries the time of its making. A column of texts whose
/// longest is far longer than the others is stored with variable length, any other with a fixed one. Writes a
/// new file under a temporary name; `commit` moves it to `path`. Without commit nothing is left behind.
class Hdf5Writer {
 public:
  /// Throws InputError when the file can't be created there.
  explicit Hdf5Writer(const std::string& path);
  ~Hdf5Writer();
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  void attribute(const std::string& name, const std::string& value);
  void attribute(const std::string& name, std::int64_t value);
  /// Creates "/group" on first use. All columns of a group have the same length (checked).
  void column(const std::string& group, const std::string& name, const std::vector<double>& values,
              const ColumnMeta& meta);
  void column(const std::string& group, const std::string& name, const std::vector<std::int64_t>& values,
              const ColumnMeta& meta);
  void column(const std::string& group, const std::string& name, const std::vector<std::string>& values,
              const ColumnMeta& meta);
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads such a file. Every getter throws InputError with the dataset's name when it is missing or of another
/// kind.
class Hdf5Reader {
 public:
  explicit Hdf5Reader(const std::string& path);
  ~Hdf5Reader();
  Hdf5Reader(const Hdf5Reader&) = delete;
  Hdf5Reader& operator=(const Hdf5Reader&) = delete;

  [[nodiscard]] std::string text_attribute(const std::string& name) const;
  [[nodiscard]] std::optional<std::string> find_text_attribute(const std::string& name) const;
  /// All text attributes of the file, by name.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> text_attributes() const;
  /// Rows of a group. Throws InputError when the group is missing, or a dataset in it has no `units` or
  /// `long_name`, is no column, or is longer or shorter than the others.
  [[nodiscard]] std::size_t check_group(const std::string& group) const;
  [[nodiscard]] std::int64_t integer_attribute(const std::string& name) const;
  [[nodiscard]] std::vector<double> doubles(const std::string& group, const std::string& name) const;
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& group, const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& group, const std::string& name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hopsim::io
