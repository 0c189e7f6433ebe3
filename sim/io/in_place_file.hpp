// SPDX-License-Identifier: Apache-2.0
// A file whose bytes are overwritten where they lie. One process at a time: opening takes a lock that ends
// with the process, and that readers don't see.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace hopsim::io {

class InPlaceFile {
 public:
  /// Throws InputError: can't be opened for writing, or another process writes it.
  explicit InPlaceFile(const std::string& path);
  ~InPlaceFile();
  InPlaceFile(const InPlaceFile&) = delete;
  InPlaceFile& operator=(const InPlaceFile&) = delete;

  /// Throw InputError: the disk is full, the file is shorter than that.
  void write(std::uint64_t offset, std::span<const char> bytes);
  void read(std::uint64_t offset, std::span<char> bytes) const;

 private:
  std::string path_;
  int fd_;
};

}  // namespace hopsim::io
