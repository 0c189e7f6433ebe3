// SPDX-License-Identifier: Apache-2.0
// RAII for the identifiers of the HDF5 C API, shared by the writer and the reader. Internal to io/: it lets
// <hdf5.h> in.
#pragma once

#include <hdf5.h>

#include <utility>

namespace hopsim::io::h5 {

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

/// Errors come back as values: nothing is printed on stderr.
inline void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

}  // namespace hopsim::io::h5
