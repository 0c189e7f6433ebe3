// SPDX-License-Identifier: Apache-2.0
#include "trace/import/import.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "io/hash.hpp"
#include "trace/draft.hpp"
#include "trace/import/kineto/kineto_import.hpp"
#include "trace/import/nsys/nsys_import.hpp"
#include "trace/import/spool/spool_import.hpp"

namespace hopsim::trace {

namespace {

constexpr const char* kFormats =
    "spools of hopsim-collect or their folder, a PyTorch profiler (Kineto) JSON, plain or gzip, or an Nsight "
    "Systems SQLite export (nsys export -t sqlite)";

auto first_bytes(const std::string& path) -> std::string {
  if (!std::filesystem::exists(path)) {
    throw InputError(Location{path}, "no such file");
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, 16> bytes{};
  file.read(bytes.data(), bytes.size());
  return {bytes.data(), static_cast<std::size_t>(file.gcount())};
}

auto read_capture(const std::string& path) -> Draft {
  const std::string head = first_bytes(path);
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

// A folder stands for the spools in it.
auto files_of(const std::vector<std::string>& paths) -> std::vector<std::string> {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    if (std::filesystem::is_directory(path)) {
      const std::vector<std::string> inside = spool_import::spools_in(path);
      out.insert(out.end(), inside.begin(), inside.end());
    } else {
      out.push_back(path);
    }
  }
  return out;
}

auto read_captures(const std::vector<std::string>& files) -> Draft {
  for (const std::string& file : files) {
    const bool empty = first_bytes(file).empty();
    if (empty && files.size() == 1) {
      throw InputError(Location{file}, "is empty", kFormats);
    }
    if (files.size() > 1 && !empty && !spool_import::is_spool(file)) {
      throw InputError(Location{file}, "is no spool", "one file, or several spools of one run");
    }
  }
  return files.size() > 1 || spool_import::is_spool(files.front()) ? spool_import::read_spools(files)
                                                                   : read_capture(files.front());
}

}  // namespace

Trace import_capture(const std::vector<std::string>& paths, const KernelClasses& classes) {
  HOPSIM_CHECK(!paths.empty(), "a capture is at least one file");
  const std::vector<std::string> files = files_of(paths);
  Draft draft = read_captures(files);
  std::vector<std::string> names, hashes;
  for (const std::string& file : files) {
    names.push_back(std::filesystem::path(file).filename().string());
    hashes.push_back(io::sha256_file(file));
  }
  draft.trace.attributes.emplace_back("input", join(names, " "));
  draft.trace.attributes.emplace_back("input_sha256", join(hashes, " "));
  return finish(std::move(draft), classes);
}

}  // namespace hopsim::trace
