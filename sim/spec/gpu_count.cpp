// SPDX-License-Identifier: Apache-2.0
#include "spec/gpu_count.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hopsim::spec {

GpuCount parse_gpu_count(const std::string& text, const Location& at) {
  if (text == "min") {
    return {0};
  }
  for (const int count : kGpuCounts) {
    if (text == std::to_string(count)) {
      return {count};
    }
  }
  throw InputError(at, fmt::format("'{}' is no number of GPUs that a model can be split over", text),
                   "allowed: 1, 2, 4, 8, or min for the fewest that hold it");
}

GpuEntry parse_gpu_entry(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    return {text, {}};
  }
  const std::string count = text.substr(colon + 1);
  const bool number =
      !count.empty() && std::all_of(count.begin(), count.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number || count == "min" ? GpuEntry{text.substr(0, colon), parse_gpu_count(count)}
                                  : GpuEntry{text, {}};
}

}  // namespace hopsim::spec
