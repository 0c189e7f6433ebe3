// SPDX-License-Identifier: Apache-2.0
// Counts what of a capture could not be used or had to be repaired; nothing is dropped in silence.
// Severities:
//   info   the record was kept, or tells nothing that others do not tell
//   loss   the record was not used
//   error  the record contradicts others; results that rest on it are doubtful
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trace/records.hpp"

namespace hopsim::trace {

class Quality {
 public:
  void info(std::string_view name, std::string_view help, std::int64_t n = 1) { add(name, "info", help, n); }
  void loss(std::string_view name, std::string_view help, std::int64_t n = 1) { add(name, "loss", help, n); }
  void error(std::string_view name, std::string_view help, std::int64_t n = 1) {
    add(name, "error", help, n);
  }

  /// By name.
  [[nodiscard]] std::vector<QualityCount> counts() const {
    std::vector<QualityCount> out;
    for (const auto& [ignored, count] : counts_) {
      out.push_back(count);
    }
    return out;
  }

 private:
  void add(std::string_view name, const char* severity, std::string_view help, std::int64_t n) {
    if (n == 0) {
      return;
    }
    auto found = counts_.find(name);
    if (found == counts_.end()) {
      found = counts_.emplace(name, QualityCount{std::string(name), severity, 0, std::string(help)}).first;
    }
    found->second.count += n;
  }

  std::map<std::string, QualityCount, std::less<>> counts_;
};

/// What makes results that rest on the capture doubtful.
[[nodiscard]] inline std::vector<QualityCount> errors(const std::vector<QualityCount>& counts) {
  std::vector<QualityCount> out;
  for (const QualityCount& q : counts) {
    if (q.severity == "error") {
      out.push_back(q);
    }
  }
  return out;
}

/// Records that were not used.
[[nodiscard]] inline std::int64_t dropped_records(const std::vector<QualityCount>& counts) {
  std::int64_t out = 0;
  for (const QualityCount& q : counts) {
    out += q.severity == "loss" ? q.count : 0;
  }
  return out;
}

}  // namespace hopsim::trace
