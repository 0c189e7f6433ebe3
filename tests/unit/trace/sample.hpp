// SPDX-License-Identifier: Apache-2.0
// What the tests of traces share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "trace/import/import.hpp"
#include "trace/kernel_classes.hpp"

namespace hopsim::trace::test {

inline const KernelClasses& shipped_classes() {
  static const KernelClasses classes =
      load_kernel_classes(std::string(HOPSIM_SOURCE_DIR) + "/traces/kernel_classes.yaml");
  return classes;
}

inline Trace import_file(const std::string& path) { return import_capture(path, shipped_classes()); }

/// A file of the shared captures; empty where they are not at hand.
inline std::string shared_capture(const std::string& name) {
  const char* chosen = std::getenv("HOPSIM_SHARED");
  const std::string root = chosen != nullptr ? chosen : std::string(HOPSIM_SOURCE_DIR) + "/../shared";
  const std::string path = root + "/traces/" + name;
  return std::filesystem::exists(path) ? path : "";
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Count of a quality counter, 0 where there is none.
inline std::int64_t count_of(const Trace& trace, const std::string& name) {
  for (const QualityCount& q : trace.quality) {
    if (q.name == name) {
      return q.count;
    }
  }
  return 0;
}

}  // namespace hopsim::trace::test
