// SPDX-License-Identifier: Apache-2.0
// The bytes of a file from its beginning to its end, decompressed where the file is gzip, passed through
// where it is not.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace hopsim::io {

class GzipSource {
 public:
  /// Throws InputError when the file can't be opened.
  explicit GzipSource(const std::string& path);
  ~GzipSource();
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  /// Fills `to` with at most `size` bytes; 0 at the end. Throws InputError where the gzip data is damaged or
  /// cut off.
  [[nodiscard]] std::size_t read(char* to, std::size_t size);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Bytes handed out so far.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Impl;
  std::string path_;
  std::size_t bytes_ = 0;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hopsim::io
