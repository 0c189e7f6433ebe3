// SPDX-License-Identifier: Apache-2.0
// Hand-made traces for the tests of this folder. Times in microseconds; records appear in the order of the
// calls.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "trace/records.hpp"

namespace hopsim::test {

class TraceBuilder {
 public:
  /// A call; returns its correlation.
  std::int64_t call(const std::string& name, std::int64_t start_us, std::int64_t duration_us,
                    std::int64_t thread = 1) {
    trace_.calls.push_back({start_us * 1000, duration_us * 1000, thread, ++correlation_, name_id(name)});
    return correlation_;
  }
  /// A kernel of that launch; `correlation` kNone: without a launch record.
  void kernel(std::int64_t correlation, std::int64_t start_us, std::int64_t duration_us,
              std::int64_t stream = 7, KernelClass cls = KernelClass::kGemm) {
    trace::Kernel k;
    k.start_ns = start_us * 1000;
    k.duration_ns = duration_us * 1000;
    k.stream = stream;
    k.context = 1;
    k.correlation = correlation;
    k.name_id = name_id("k");
    k.cls = cls;
    trace_.kernels.push_back(k);
  }
  void copy(std::int64_t correlation, std::int64_t start_us, std::int64_t duration_us, bool pageable) {
    trace::MemoryOp m;
    m.start_ns = start_us * 1000;
    m.duration_ns = duration_us * 1000;
    m.stream = 7;
    m.context = 1;
    m.correlation = correlation;
    m.kind = trace::MemoryKind::kCopyDtoH;
    m.pageable = pageable;
    trace_.memory_ops.push_back(m);
  }
  [[nodiscard]] trace::Trace& trace() { return trace_; }

 private:
  std::int64_t name_id(const std::string& name) {
    const auto found = std::find(trace_.names.begin(), trace_.names.end(), name);
    if (found != trace_.names.end()) {
      return found - trace_.names.begin();
    }
    trace_.names.push_back(name);
    return static_cast<std::int64_t>(trace_.names.size()) - 1;
  }

  trace::Trace trace_;
  std::int64_t correlation_ = 0;
};

}  // namespace hopsim::test
