// SPDX-License-Identifier: Apache-2.0
#include "io/files.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/errors.hpp"

namespace hopsim::io {

namespace fs = std::filesystem;

std::string read_text_file(const std::string& path, std::uintmax_t max_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw InputError(Location{path}, "no such file" + (error && error != std::errc::no_such_file_or_directory
                                                           ? " (" + error.message() + ")"
                                                           : std::string()));
  }
  if (fs::is_directory(status)) {
    throw InputError(Location{path}, "is a directory", "a file is needed");
  }
  if (!fs::is_regular_file(status)) {
    throw InputError(Location{path}, "is no regular file");
  }
  if (fs::file_size(path, error) > max_bytes) {
    throw InputError(Location{path}, "too large", "at most " + std::to_string(max_bytes >> 20U) + " MiB");
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  if (in.peek() != std::ifstream::traits_type::eof()) {
    out << in.rdbuf();
  }
  if (!in && !in.eof()) {
    throw InputError(Location{path}, "can't be read");
  }
  return out.str();
}

std::string target_of(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : fs::path(path);
  return error ? path : target.string();
}

std::string partial_name(const std::string& path) { return path + "." + std::to_string(getpid()) + ".part"; }

void check_output_path(const std::string& path) {
  std::error_code error;
  if (path.empty() || fs::is_directory(path, error)) {
    throw InputError(Location{path}, "is a directory", "a file name is needed");
  }
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, error)) {
    throw InputError(Location{path}, "its folder does not exist");
  }
}

void rename_file(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) {
    std::error_code ignored;
    fs::remove(from, ignored);
    throw InputError(Location{to}, "can't be written: " + error.message());
  }
}

void write_text_file(const std::string& given, const std::string& text) {
  check_output_path(given);
  std::error_code error;
  const fs::file_status status = fs::status(given, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    std::ofstream device(given, std::ios::binary);  // a device or a pipe: there is nothing to rename over
    device << text;
    device.flush();
    if (!device) {
      throw InputError(Location{given}, "can't be written");
    }
    return;
  }
  const std::string path = target_of(given);
  const std::string part = partial_name(path);
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) {
      std::error_code ignored;
      fs::remove(part, ignored);
      throw InputError(Location{path}, "can't be written");
    }
  }
  rename_file(part, path);
}

}  // namespace hopsim::io
