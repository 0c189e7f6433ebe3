// SPDX-License-Identifier: Apache-2.0
#include "io/in_place_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/errors.hpp"

namespace hopsim::io {

InPlaceFile::InPlaceFile(const std::string& path) : path_(path), fd_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {
  if (fd_ < 0) {
    throw InputError(Location{path}, std::string("can't be written: ") + std::strerror(errno));
  }
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  // Not flock(): HDF5 takes that one to read, and a file in work may be looked at.
  if (fcntl(fd_, F_OFD_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES)) {
    close(fd_);
    throw InputError(Location{path}, "is being written by another process");
  }
}

InPlaceFile::~InPlaceFile() { close(fd_); }

void InPlaceFile::write(std::uint64_t offset, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno != EINTR) {
      throw InputError(Location{path_}, std::string("can't be written: ") + std::strerror(errno));
    }
    const std::size_t done = n > 0 ? static_cast<std::size_t>(n) : 0;
    offset += done;
    bytes = bytes.subspan(done);
  }
}

void InPlaceFile::read(std::uint64_t offset, std::span<char> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n == 0 || (n < 0 && errno != EINTR)) {
      throw InputError(Location{path_}, "can't be read (cut short?)");
    }
    const std::size_t done = n > 0 ? static_cast<std::size_t>(n) : 0;
    offset += done;
    bytes = bytes.subspan(done);
  }
}

}  // namespace hopsim::io
