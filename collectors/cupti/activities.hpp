// SPDX-License-Identifier: Apache-2.0
// What CUPTI is told to record, and its errors. Kernels are recorded as concurrent ones
// (CUPTI_ACTIVITY_KIND_KERNEL would serialise them); API calls that every framework makes all the time and
// that launch nothing are switched off, because each record costs the traced program time. A kind without
// which a trace would mislead must come on, or there is no trace; the others are counted when they fail.
#pragma once

#include <cupti.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace hopsim::collect {

/// CUPTI calls that failed: how many, and the first in words.
class CuptiErrors {
 public:
  /// True when the call succeeded.
  bool check(CUptiResult result, const char* call);

  [[nodiscard]] std::uint64_t count() const { return count_.load(); }
  [[nodiscard]] std::string first() const;

 private:
  std::atomic<std::uint64_t> count_ = 0;
  mutable std::mutex mutex_;
  std::string first_;
};

/// "cuptiActivityEnable: CUPTI_ERROR_NOT_COMPATIBLE".
[[nodiscard]] std::string describe(CUptiResult result, const char* call);

class Activities {
 public:
  /// Switches recording on; why it is not on, or an empty string.
  [[nodiscard]] std::string enable(bool graph_trace, CuptiErrors& errors);
  /// Switches off what is on; from any thread but not from a CUPTI callback.
  void disable(CuptiErrors& errors);

 private:
  std::mutex mutex_;
  std::vector<CUpti_ActivityKind> enabled_;
};

}  // namespace hopsim::collect
