// SPDX-License-Identifier: Apache-2.0
#include "io/hdf5.hpp"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "base/errors.hpp"
#include "io/files.hpp"

namespace hopsim::io {

namespace {

constexpr hsize_t kChunkRows = 16384;
constexpr unsigned kDeflateLevel = 1;

// Owns an HDF5 identifier; a negative one is an error of ours unless checked before.
template <herr_t (*Close)(hid_t)>
class Handle {
 public:
  explicit Handle(hid_t id) : id_(id) {}
  ~Handle() {
    if (id_ >= 0) {
      Close(id_);
    }
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Handle& operator=(Handle&&) = delete;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] bool valid() const { return id_ >= 0; }
  [[nodiscard]] hid_t get() const { return id_; }

 private:
  hid_t id_;
};

using File = Handle<&H5Fclose>;
using Group = Handle<&H5Gclose>;
using Dataset = Handle<&H5Dclose>;
using Space = Handle<&H5Sclose>;
using Type = Handle<&H5Tclose>;
using Attribute = Handle<&H5Aclose>;
using Properties = Handle<&H5Pclose>;

void expect(bool ok, const char* what) {
  if (!ok) {
    throw InternalError(std::string("HDF5: ") + what);
  }
}

void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

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

  void write(const std::string& group, const std::string& name, std::size_t rows, hid_t type,
             const void* data, const ColumnMeta& meta);
};

Hdf5Writer::Hdf5Writer(const std::string& path) : impl_(std::make_unique<Impl>()) {
  silence();
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

void Hdf5Writer::Impl::write(const std::string& group, const std::string& name, std::size_t rows, hid_t type,
                             const void* data, const ColumnMeta& meta) {
  const auto [known, fresh] = group_rows.emplace(group, rows);
  HOPSIM_CHECK(known->second == rows, "the columns of a group are equally long");
  if (fresh) {
    const Group created(
        H5Gcreate2(file, group.c_str(), H5P_DEFAULT, timeless(H5P_GROUP_CREATE).get(), H5P_DEFAULT));
    expect(created.valid(), "group");
  }
  const hsize_t size = rows;
  const Space space(H5Screate_simple(1, &size, nullptr));
  const Properties properties = timeless(H5P_DATASET_CREATE);
  if (rows > 0) {
    const hsize_t chunk = std::min(size, kChunkRows);
    const bool variable =
        H5Tis_variable_str(type) > 0;  // its bytes lie elsewhere, filters would see addresses only
    expect(variable
               ? H5Pset_chunk(properties.get(), 1, &chunk) >= 0
               : H5Pset_chunk(properties.get(), 1, &chunk) >= 0 && H5Pset_shuffle(properties.get()) >= 0 &&
                     H5Pset_deflate(properties.get(), kDeflateLevel) >= 0 &&
                     H5Pset_fletcher32(properties.get()) >= 0,
           "filters");
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

Hdf5Reader::Hdf5Reader(const std::string& path) : impl_(std::make_unique<Impl>()) {
  silence();
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

std::size_t Hdf5Reader::check_group(const std::string& group) const {
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
  std::optional<std::size_t> rows;
  for (const std::string& name : names) {
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
