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

/// Whether it is one, of whatever content.
[[nodiscard]] bool is_hdf5(const std::string& path);

class Hdf5Reader;

/// Units text (UDUNITS, "1" for a plain number) and a description.
struct ColumnMeta {
  std::string units;
  std::string long_name;
};

/// A column whose cells have one width, known before its values are: whole and floating numbers of 8 bytes
/// (little-endian, as in memory), or texts padded with zero bytes.
struct CellType {
  enum class Kind { kInteger, kDouble, kText };

  Kind kind = Kind::kDouble;
  std::size_t width = 8;
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
  /// A column without filters whose cells are filled in later, in place: its bytes lie in one piece (offset:
  /// Hdf5Reader::offset), so that writing them changes nothing else in the file. Cells start as zeros.
  void reserve(const std::string& group, const std::string& name, CellType type, std::size_t rows,
               const ColumnMeta& meta);
  /// A column of another file with its type, units and name; read and written piece by piece.
  void copy_column(const Hdf5Reader& from, const std::string& group, const std::string& name);
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
  [[nodiscard]] std::optional<std::int64_t> find_integer_attribute(const std::string& name) const;
  [[nodiscard]] std::vector<double> doubles(const std::string& group, const std::string& name) const;
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& group, const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& group, const std::string& name) const;
  /// Names of the columns of a group, sorted.
  [[nodiscard]] std::vector<std::string> columns(const std::string& group) const;
  /// Where a reserved column begins in the file. Throws InputError where it is not in one piece, of another
  /// cell type or length.
  [[nodiscard]] std::uint64_t offset(const std::string& group, const std::string& name, CellType type,
                                     std::size_t rows) const;

 private:
  friend class Hdf5Writer;
  [[nodiscard]] std::int64_t handle() const;  // of the open file, as the C API knows it
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hopsim::io
