// SPDX-License-Identifier: Apache-2.0
#include "trace/import/import.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "base/errors.hpp"
#include "io/hash.hpp"
#include "trace/draft.hpp"
#include "trace/import/kineto/kineto_import.hpp"
#include "trace/import/nsys/nsys_import.hpp"

namespace hopsim::trace {

namespace {

constexpr const char* kFormats =
    "a PyTorch profiler (Kineto) JSON, plain or gzip, or an Nsight Systems SQLite export (nsys export -t "
    "sqlite)";

auto first_bytes(const std::string& path) -> std::string {
  if (!std::filesystem::exists(path)) {
    throw InputError(Location{path}, "no such file");
  }
  if (std::filesystem::is_directory(path)) {
    throw InputError(Location{path}, "is a directory", "a file is needed");
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, 16> bytes{};
  file.read(bytes.data(), bytes.size());
  return {bytes.data(), static_cast<std::size_t>(file.gcount())};
}

auto read_capture(const std::string& path) -> Draft {
  const std::string head = first_bytes(path);
  if (head.empty()) {
    throw InputError(Location{path}, "is empty", kFormats);
  }
  if (head.starts_with("SQLite format 3")) {
    return nsys::read_nsys(path);
  }
  if (head.starts_with("\x89HDF")) {
    throw InputError(Location{path},
                     "is an HDF5 file; a trace is read by hopsim trace and hopsim replay as it is", kFormats);
  }
  const std::size_t text = head.find_first_not_of(" \t\r\n");
  const bool gzip = head.starts_with("\x1f\x8b");
  if (!gzip && text != std::string::npos && head[text] != '{' && head[text] != '[') {
    throw InputError(Location{path}, "is of no known format", kFormats);
  }
  return kineto::read_kineto(path);
}

}  // namespace

Trace import_capture(const std::string& path, const KernelClasses& classes) {
  Draft draft = read_capture(path);
  draft.trace.attributes.emplace_back("input", std::filesystem::path(path).filename().string());
  draft.trace.attributes.emplace_back("input_sha256", io::sha256_file(path));
  return finish(std::move(draft), classes);
}

}  // namespace hopsim::trace
