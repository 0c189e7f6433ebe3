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
    throw InputError(Location{path}, "no such file");
  }
  if (fs::is_directory(status)) {
    throw InputError(Location{path}, "is a directory", "a file is needed");
  }
  if (fs::is_regular_file(status) && fs::file_size(path, error) > max_bytes) {
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

void write_text_file(const std::string& path, const std::string& text) {
  check_output_path(path);
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
