// SPDX-License-Identifier: Apache-2.0
#include "io/gzip_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <filesystem>

#include "base/errors.hpp"

namespace hopsim::io {

namespace {
constexpr unsigned kBufferBytes = 1U << 18U;
constexpr std::size_t kLargestRead = 1U << 30U;
}  // namespace

struct GzipSource::Impl {
  gzFile file = nullptr;
};

GzipSource::GzipSource(const std::string& path) : path_(path), impl_(std::make_unique<Impl>()) {
  if (std::filesystem::is_directory(path)) {
    throw InputError(Location{path}, "is a directory", "a file is needed");
  }
  impl_->file = gzopen(path.c_str(), "rb");
  if (impl_->file == nullptr) {
    throw InputError(Location{path}, std::filesystem::exists(path) ? "can't be read" : "no such file");
  }
  gzbuffer(impl_->file, kBufferBytes);
}

GzipSource::~GzipSource() {
  if (impl_->file != nullptr) {
    gzclose(impl_->file);
  }
}

std::size_t GzipSource::read(char* to, std::size_t size) {
  const int got = gzread(impl_->file, to, static_cast<unsigned>(std::min(size, kLargestRead)));
  if (got > 0) {
    bytes_ += static_cast<std::size_t>(got);
    return static_cast<std::size_t>(got);
  }
  int error = Z_OK;
  const char* text = gzerror(impl_->file, &error);
  if (error == Z_BUF_ERROR) {
    throw InputError(Location{path_}, "the gzip data is cut off", "a whole file; copy it again");
  }
  if (got < 0 || (error != Z_OK && error != Z_STREAM_END)) {
    throw InputError(Location{path_}, std::string("the gzip data is damaged: ") + text,
                     "a whole file; copy it again");
  }
  return 0;
}

}  // namespace hopsim::io
