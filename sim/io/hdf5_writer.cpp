// SPDX-License-Identifier: Apache-2.0
#include <hdf5.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/errors.hpp"
#include "io/files.hpp"
#include "io/hdf5.hpp"
#include "io/hdf5_handle.hpp"

namespace hopsim::io {

using h5::Attribute;
using h5::Dataset;
using h5::Group;
using h5::Properties;
using h5::Space;
using h5::Type;

namespace {

constexpr hsize_t kChunkRows = 16384;
constexpr unsigned kDeflateLevel = 1;

void expect(bool ok, const char* what) {
  if (!ok) {
    throw InternalError(std::string("HDF5: ") + what);
  }
}

auto fixed_string(std::size_t size) -> Type {
  Type type(H5Tcopy(H5T_C_S1));
  expect(H5Tset_size(type.get(), std::max<std::size_t>(size, 1)) >= 0 &&
             H5Tset_cset(type.get(), H5T_CSET_UTF8) >= 0 && H5Tset_strpad(type.get(), H5T_STR_NULLPAD) >= 0,
         "string type");
  return type;
}

void write_attribute(hid_t object, const std::string& name, hid_t type, const void* value) {
  const Space space(H5Screate(H5S_SCALAR));
  const Attribute attribute(H5Acreate2(object, name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT));
  expect(attribute.valid() && H5Awrite(attribute.get(), type, value) >= 0, "attribute");
}

// Modification times would make two files of the same content differ.
auto timeless(hid_t property_class) -> Properties {
  Properties properties(H5Pcreate(property_class));
  expect(H5Pset_obj_track_times(properties.get(), false) >= 0, "object times");
  return properties;
}

// One long kernel name must not make a hundred thousand short names as wide.
bool wants_variable_length(const std::vector<std::string>& values, std::size_t width) {
  constexpr std::size_t kSmall = 1U << 20U;
  std::size_t total = 0;
  for (const std::string& value : values) {
    total += value.size() + 1;
  }
  return width * values.size() > kSmall && width * values.size() > 4 * total;
}

void write_text_attribute(hid_t object, const std::string& name, const std::string& value) {
  const Type type = fixed_string(value.size());
  write_attribute(object, name, type.get(), value.c_str());
}

}  // namespace

struct Hdf5Writer::Impl {
  std::string path, part;
  hid_t file = -1;
  bool committed = false;
  std::map<std::string, std::size_t> group_rows;

  /// The group, made on first use.
  void enter(const std::string& group, std::size_t rows);
  void write(const std::string& group, const std::string& name, std::size_t rows, hid_t type,
             const void* data, const ColumnMeta& meta);
};

namespace {

auto type_of(CellType cell) -> Type {
  switch (cell.kind) {
    case CellType::Kind::kInteger:
      return Type(H5Tcopy(H5T_STD_I64LE));
    case CellType::Kind::kDouble:
      return Type(H5Tcopy(H5T_IEEE_F64LE));
    case CellType::Kind::kText:
      return fixed_string(cell.width);
  }
  throw InternalError("unknown cell type");
}

auto text_of(hid_t object, const char* name) -> std::string {
  const Attribute attribute(H5Aopen(object, name, H5P_DEFAULT));
  const Type type(H5Aget_type(attribute.get()));
  expect(attribute.valid() && H5Tget_class(type.get()) == H5T_STRING, name);
  std::string out(H5Tget_size(type.get()), '\0');
  expect(H5Aread(attribute.get(), type.get(), out.data()) >= 0, name);
  out.resize(std::min(out.find('\0'), out.size()));
  return out;
}

// Shuffle, deflate and checksums, for a chunked column.
void set_filters(const Properties& properties, hsize_t rows) {
  const hsize_t chunk = std::min(rows, kChunkRows);
  expect(H5Pset_chunk(properties.get(), 1, &chunk) >= 0 && H5Pset_shuffle(properties.get()) >= 0 &&
             H5Pset_deflate(properties.get(), kDeflateLevel) >= 0 && H5Pset_fletcher32(properties.get()) >= 0,
         "filters");
}

}  // namespace

Hdf5Writer::Hdf5Writer(const std::string& path) : impl_(std::make_unique<Impl>()) {
  h5::silence();
  check_output_path(path);
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputError(Location{path}, "is no regular file");
  }
  impl_->path = target_of(path);
  impl_->part = partial_name(impl_->path);
  impl_->file = H5Fcreate(impl_->part.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  if (impl_->file < 0) {
    throw InputError(Location{path}, "can't be written");
  }
}

Hdf5Writer::~Hdf5Writer() {
  if (impl_->file >= 0) {
    H5Fclose(impl_->file);
  }
  if (!impl_->committed) {
    std::error_code ignored;
    std::filesystem::remove(impl_->part, ignored);
  }
}

void Hdf5Writer::attribute(const std::string& name, const std::string& value) {
  write_text_attribute(impl_->file, name, value);
}

void Hdf5Writer::attribute(const std::string& name, std::int64_t value) {
  write_attribute(impl_->file, name, H5T_NATIVE_INT64, &value);
}

void Hdf5Writer::Impl::enter(const std::string& group, std::size_t rows) {
  const auto [known, fresh] = group_rows.emplace(group, rows);
  HOPSIM_CHECK(known->second == rows, "the columns of a group are equally long");
  if (fresh) {
    const Group created(
        H5Gcreate2(file, group.c_str(), H5P_DEFAULT, timeless(H5P_GROUP_CREATE).get(), H5P_DEFAULT));
    expect(created.valid(), "group");
  }
}

void Hdf5Writer::Impl::write(const std::string& group, const std::string& name, std::size_t rows, hid_t type,
                             const void* data, const ColumnMeta& meta) {
  enter(group, rows);
  const hsize_t size = rows;
  const Space space(H5Screate_simple(1, &size, nullptr));
  const Properties properties = timeless(H5P_DATASET_CREATE);
  if (rows > 0) {
    if (H5Tis_variable_str(type) > 0) {  // its bytes lie elsewhere, filters would see addresses only
      const hsize_t chunk = std::min(size, kChunkRows);
      expect(H5Pset_chunk(properties.get(), 1, &chunk) >= 0, "chunks");
    } else {
      set_filters(properties, size);
    }
  }
  const std::string full = group + "/" + name;
  const Dataset dataset(
      H5Dcreate2(file, full.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  expect(dataset.valid(), "dataset");
  if (rows > 0) {
    expect(H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, "write");
  }
  write_text_attribute(dataset.get(), "units", meta.units);
  write_text_attribute(dataset.get(), "long_name", meta.long_name);
}

void Hdf5Writer::column(const std::string& group, const std::string& name, const std::vector<double>& values,
                        const ColumnMeta& meta) {
  impl_->write(group, name, values.size(), H5T_NATIVE_DOUBLE, values.data(), meta);
}

void Hdf5Writer::column(const std::string& group, const std::string& name,
                        const std::vector<std::int64_t>& values, const ColumnMeta& meta) {
  impl_->write(group, name, values.size(), H5T_NATIVE_INT64, values.data(), meta);
}

void Hdf5Writer::column(const std::string& group, const std::string& name,
                        const std::vector<std::string>& values, const ColumnMeta& meta) {
  std::size_t width = 1;
  for (const std::string& value : values) {
    width = std::max(width, value.size());
  }
  if (wants_variable_length(values, width)) {
    Type type(H5Tcopy(H5T_C_S1));
    expect(H5Tset_size(type.get(), H5T_VARIABLE) >= 0 && H5Tset_cset(type.get(), H5T_CSET_UTF8) >= 0,
           "string type");
    std::vector<const char*> pointers;
    for (const std::string& value : values) {
      pointers.push_back(value.c_str());
    }
    impl_->write(group, name, values.size(), type.get(), pointers.data(), meta);
    return;
  }
  std::string flat(width * values.size(), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i].copy(flat.data() + i * width, width);
  }
  const Type type = fixed_string(width);
  impl_->write(group, name, values.size(), type.get(), flat.data(), meta);
}

void Hdf5Writer::reserve(const std::string& group, const std::string& name, CellType cell, std::size_t rows,
                         const ColumnMeta& meta) {
  impl_->enter(group, rows);
  const hsize_t size = rows;
  const Space space(H5Screate_simple(1, &size, nullptr));
  const Properties properties = timeless(H5P_DATASET_CREATE);
  // Nothing is written for the cells: the file is extended, which reads as zeros.
  expect(H5Pset_layout(properties.get(), H5D_CONTIGUOUS) >= 0 &&
             H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY) >= 0 &&
             H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER) >= 0,
         "layout");
  const Dataset dataset(H5Dcreate2(impl_->file, (group + "/" + name).c_str(), type_of(cell).get(),
                                   space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  expect(dataset.valid(), "dataset");
  write_text_attribute(dataset.get(), "units", meta.units);
  write_text_attribute(dataset.get(), "long_name", meta.long_name);
}

void Hdf5Writer::copy_column(const Hdf5Reader& from, const std::string& group, const std::string& name) {
  const std::string full = group + "/" + name;
  const Dataset source(H5Dopen2(from.handle(), full.c_str(), H5P_DEFAULT));
  expect(source.valid(), "column to copy");
  const Type type(H5Dget_type(source.get()));
  const Space whole(H5Dget_space(source.get()));
  hsize_t rows = 0;
  expect(H5Sget_simple_extent_dims(whole.get(), &rows, nullptr) == 1, "column to copy");
  impl_->enter(group, rows);
  const Properties properties = timeless(H5P_DATASET_CREATE);
  if (rows > 0) {
    set_filters(properties, rows);
  }
  const Dataset target(H5Dcreate2(impl_->file, full.c_str(), type.get(), whole.get(), H5P_DEFAULT,
                                  properties.get(), H5P_DEFAULT));
  expect(target.valid(), "dataset");
  std::string piece(H5Tget_size(type.get()) * std::min(rows, kChunkRows), '\0');
  for (hsize_t first = 0; first < rows; first += kChunkRows) {
    const hsize_t count = std::min(kChunkRows, rows - first);
    const Space memory(H5Screate_simple(1, &count, nullptr));
    expect(H5Sselect_hyperslab(whole.get(), H5S_SELECT_SET, &first, nullptr, &count, nullptr) >= 0 &&
               H5Dread(source.get(), type.get(), memory.get(), whole.get(), H5P_DEFAULT, piece.data()) >= 0 &&
               H5Dwrite(target.get(), type.get(), memory.get(), whole.get(), H5P_DEFAULT, piece.data()) >= 0,
           "copy");
  }
  write_text_attribute(target.get(), "units", text_of(source.get(), "units"));
  write_text_attribute(target.get(), "long_name", text_of(source.get(), "long_name"));
}

void Hdf5Writer::commit() {
  const bool flushed = H5Fflush(impl_->file, H5F_SCOPE_GLOBAL) >= 0;
  const bool closed = H5Fclose(impl_->file) >= 0;
  impl_->file = -1;
  if (!flushed || !closed) {
    throw InputError(Location{impl_->path}, "can't be written (is the disk full?)");
  }
  impl_->committed = true;
  rename_file(impl_->part, impl_->path);
}

}  // namespace hopsim::io
