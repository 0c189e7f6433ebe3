// SPDX-License-Identifier: Apache-2.0
#include <hdf5.h>

#include <algorithm>
#include <filesystem>

#include "base/errors.hpp"
#include "io/hdf5.hpp"
#include "io/hdf5_handle.hpp"

namespace hopsim::io {

using h5::Attribute;
using h5::Dataset;
using h5::Group;
using h5::Space;
using h5::Type;

struct Hdf5Reader::Impl {
  std::string path;
  hid_t file = -1;
  std::size_t file_bytes = 0;
  static constexpr std::size_t kMostRowsPerByte = 1100;  // deflate shrinks 1032 times at most

  [[noreturn]] void fail(const std::string& what) const { throw InputError(Location{path}, what); }

  [[nodiscard]] Dataset open(const std::string& group, const std::string& name, H5T_class_t kind,
                             std::size_t& rows) const {
    const std::string full = group + "/" + name;
    Dataset dataset(H5Dopen2(file, full.c_str(), H5P_DEFAULT));
    if (!dataset.valid()) {
      fail("no dataset " + full);
    }
    const Space space(H5Dget_space(dataset.get()));
    const Type type(H5Dget_type(dataset.get()));
    if (H5Sget_simple_extent_ndims(space.get()) != 1 || H5Tget_class(type.get()) != kind) {
      fail("dataset " + full + " is of another kind than expected");
    }
    rows = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get()));
    if (rows > file_bytes * kMostRowsPerByte) {
      fail("dataset " + full + " claims more rows than the file can hold (damaged?)");
    }
    return dataset;
  }

  [[nodiscard]] std::string read_text(const std::string& name) const {
    const Attribute attribute(H5Aopen(file, name.c_str(), H5P_DEFAULT));
    const Type type(H5Aget_type(attribute.get()));
    if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0) {
      fail("attribute " + name + " is no fixed-length text");
    }
    std::string out(H5Tget_size(type.get()), '\0');
    if (H5Aread(attribute.get(), type.get(), out.data()) < 0) {
      fail("attribute " + name + " can't be read");
    }
    out.resize(std::min(out.find('\0'), out.size()));
    return out;
  }

  [[nodiscard]] std::vector<std::string> variable_texts(const Dataset& dataset, hid_t type, std::size_t rows,
                                                        const std::string& full) const {
    std::vector<char*> pointers(rows, nullptr);
    const Space space(H5Dget_space(dataset.get()));
    if (H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) < 0) {
      fail("dataset " + full + " can't be read as text");
    }
    std::vector<std::string> out;
    for (const char* text : pointers) {
      out.emplace_back(text != nullptr ? text : "");
    }
    H5Dvlen_reclaim(type, space.get(), H5P_DEFAULT, pointers.data());
    return out;
  }

  template <class T>
  [[nodiscard]] std::vector<T> numbers(const std::string& group, const std::string& name, H5T_class_t kind,
                                       hid_t type) const {
    std::size_t rows = 0;
    const Dataset dataset = open(group, name, kind, rows);
    std::vector<T> out(rows);
    if (rows > 0 && H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) < 0) {
      fail("dataset " + group + "/" + name + " can't be read (damaged?)");
    }
    return out;
  }
};

bool is_hdf5(const std::string& path) {
  h5::silence();
  return H5Fis_hdf5(path.c_str()) > 0;
}

Hdf5Reader::Hdf5Reader(const std::string& path) : impl_(std::make_unique<Impl>()) {
  h5::silence();
  impl_->path = path;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    impl_->fail(std::filesystem::is_directory(path, error) ? "is a directory; a file is needed"
                                                           : "no such file");
  }
  impl_->file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (impl_->file < 0) {
    impl_->fail("is no HDF5 file");
  }
  impl_->file_bytes = std::filesystem::file_size(path);
}

Hdf5Reader::~Hdf5Reader() {
  if (impl_->file >= 0) {
    H5Fclose(impl_->file);
  }
}

std::string Hdf5Reader::text_attribute(const std::string& name) const {
  std::optional<std::string> found = find_text_attribute(name);
  if (!found) {
    impl_->fail("has no attribute " + name);
  }
  return *std::move(found);
}

std::optional<std::string> Hdf5Reader::find_text_attribute(const std::string& name) const {
  if (H5Aexists(impl_->file, name.c_str()) <= 0) {
    return std::nullopt;
  }
  return impl_->read_text(name);
}

std::vector<std::pair<std::string, std::string>> Hdf5Reader::text_attributes() const {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5A_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  H5Aiterate2(impl_->file, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& name : names) {
    const Attribute attribute(H5Aopen(impl_->file, name.c_str(), H5P_DEFAULT));
    const Type type(H5Aget_type(attribute.get()));
    if (H5Tget_class(type.get()) == H5T_STRING) {
      out.emplace_back(name, impl_->read_text(name));
    }
  }
  return out;
}

std::int64_t Hdf5Reader::handle() const { return impl_->file; }

std::vector<std::string> Hdf5Reader::columns(const std::string& group) const {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  const Group opened(H5Gopen2(impl_->file, group.c_str(), H5P_DEFAULT));
  if (!opened.valid()) {
    impl_->fail("no group " + group);
  }
  H5Literate(opened.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  return names;
}

std::uint64_t Hdf5Reader::offset(const std::string& group, const std::string& name, CellType cell,
                                 std::size_t rows) const {
  const H5T_class_t kind = cell.kind == CellType::Kind::kInteger  ? H5T_INTEGER
                           : cell.kind == CellType::Kind::kDouble ? H5T_FLOAT
                                                                  : H5T_STRING;
  std::size_t there = 0;
  const Dataset dataset = impl_->open(group, name, kind, there);
  const Type type(H5Dget_type(dataset.get()));
  const haddr_t offset = H5Dget_offset(dataset.get());
  if (there != rows || H5Tget_size(type.get()) != cell.width || offset == HADDR_UNDEF) {
    impl_->fail("dataset " + group + "/" + name + " is not laid out as expected");
  }
  return offset;
}

std::size_t Hdf5Reader::check_group(const std::string& group) const {
  std::optional<std::size_t> rows;
  for (const std::string& name : columns(group)) {
    const std::string full = group + "/" + name;
    const Dataset dataset(H5Dopen2(impl_->file, full.c_str(), H5P_DEFAULT));
    if (!dataset.valid()) {
      impl_->fail(full + " is no dataset");
    }
    const Space space(H5Dget_space(dataset.get()));
    if (H5Sget_simple_extent_ndims(space.get()) != 1) {
      impl_->fail("dataset " + full + " is no column (one dimension)");
    }
    for (const char* attribute : {"units", "long_name"}) {
      if (H5Aexists(dataset.get(), attribute) <= 0) {
        impl_->fail("dataset " + full + " has no attribute " + attribute);
      }
    }
    const auto size = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get()));
    if (rows.value_or(size) != size) {
      impl_->fail("dataset " + full + " has " + std::to_string(size) + " rows, others of its group " +
                  std::to_string(*rows));
    }
    rows = size;
  }
  return rows.value_or(0);
}

std::int64_t Hdf5Reader::integer_attribute(const std::string& name) const {
  const Attribute attribute(H5Aopen(impl_->file, name.c_str(), H5P_DEFAULT));
  std::int64_t out = 0;
  if (!attribute.valid() || H5Aread(attribute.get(), H5T_NATIVE_INT64, &out) < 0) {
    impl_->fail("has no whole-number attribute " + name);
  }
  return out;
}

std::optional<std::int64_t> Hdf5Reader::find_integer_attribute(const std::string& name) const {
  if (H5Aexists(impl_->file, name.c_str()) <= 0) {
    return std::nullopt;
  }
  return integer_attribute(name);
}

std::vector<double> Hdf5Reader::doubles(const std::string& group, const std::string& name) const {
  return impl_->numbers<double>(group, name, H5T_FLOAT, H5T_NATIVE_DOUBLE);
}

std::vector<std::int64_t> Hdf5Reader::integers(const std::string& group, const std::string& name) const {
  return impl_->numbers<std::int64_t>(group, name, H5T_INTEGER, H5T_NATIVE_INT64);
}

std::vector<std::string> Hdf5Reader::texts(const std::string& group, const std::string& name) const {
  std::size_t rows = 0;
  const Dataset dataset = impl_->open(group, name, H5T_STRING, rows);
  const Type type(H5Dget_type(dataset.get()));
  if (H5Tis_variable_str(type.get()) > 0) {
    return impl_->variable_texts(dataset, type.get(), rows, group + "/" + name);
  }
  const std::size_t width = H5Tget_size(type.get());
  std::string flat(width * rows, '\0');
  if ((rows > 0 && H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, flat.data()) < 0)) {
    impl_->fail("dataset " + group + "/" + name + " can't be read as text");
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string cell = flat.substr(i * width, width);
    out.push_back(cell.substr(0, cell.find('\0')));
  }
  return out;
}

}  // namespace hopsim::io
