// SPDX-License-Identifier: Apache-2.0
// Spools as the collector writes them, made up: a process launches kernels from one thread.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/spool_writer.hpp"

namespace hopsim::trace::test {

inline constexpr std::int64_t kEpoch = 1'700'000'000'000'000'000;  // ns, November 2023
inline constexpr std::uint32_t kThread = 77;

/// Writes records one by one; times are nanoseconds after kEpoch.
class SpoolSample {
 public:
  explicit SpoolSample(const std::string& path) { EXPECT_TRUE(writer_.open(path)); }

  collect::SpoolWriter& writer() { return writer_; }

  void kernel(std::uint32_t correlation, std::int64_t start, std::int64_t end,
              const char* name = "gemm_kernel", std::uint32_t graph = 0, std::uint64_t node = 0) {
    spool::Kernel k;
    k.start_ns = start == 0 ? 0 : kEpoch + start;
    k.end_ns = end == 0 ? 0 : kEpoch + end;
    k.correlation = correlation;
    k.context = 1;
    k.stream = 7;
    k.grid = {64, 2, 1};
    k.block = {128, 1, 1};
    k.graph = graph;
    k.graph_node = node;
    k.name = writer_.name(name);
    writer_.append(spool::ChunkKind::kKernels, k);
    ++end_.kernels;
  }

  void call(std::uint32_t correlation, std::int64_t start, std::int64_t end,
            const char* name = "cudaLaunchKernel_v7000", std::uint32_t thread = kThread) {
    spool::ApiCall c;
    c.start_ns = kEpoch + start;
    c.end_ns = kEpoch + end;
    c.correlation = correlation;
    c.thread = thread;
    c.name = writer_.name(name);
    writer_.append(spool::ChunkKind::kApiCalls, c);
    ++end_.api_calls;
  }

  void marker(std::uint32_t id, std::int64_t time, const char* name, std::uint32_t thread = kThread) {
    spool::Marker m;
    m.time_ns = kEpoch + time;
    m.id = id;
    m.thread = thread;
    m.flags = name != nullptr ? 1 : 2;
    m.name = name != nullptr ? writer_.name(name) : spool::kNoName;
    writer_.append(spool::ChunkKind::kMarkers, m);
  }

  void range(std::uint32_t id, std::int64_t start, std::int64_t end, const char* name,
             std::uint32_t thread = kThread) {
    marker(id, start, name, thread);
    marker(id, end, nullptr, thread);
  }

  void device(std::uint32_t id, std::uint8_t uuid_byte, const char* name = "NVIDIA H100 80GB HBM3") {
    spool::Device d;
    d.id = id;
    d.uuid.fill(uuid_byte);
    d.name = writer_.name(name);
    d.sms = 132;
    writer_.append(spool::ChunkKind::kDevices, d);
  }

  void count(spool::CountKind kind, std::uint64_t value) {
    writer_.append(spool::ChunkKind::kCounts, spool::Count{kind, 0, value});
  }

  void clock(std::int64_t realtime, std::int64_t raw) {
    writer_.append(spool::ChunkKind::kClocks, spool::Clock{realtime, realtime, raw});
  }

  /// A launch that lasts 5 us, and its kernel 10 us after it began, for 20 us.
  void launch(std::uint32_t correlation, std::int64_t at, const char* name = "gemm_kernel") {
    call(correlation, at, at + 5000);
    kernel(correlation, at + 10000, at + 30000, name);
  }

  void close() { writer_.close(end_); }

 private:
  collect::SpoolWriter writer_;
  spool::End end_;
};

}  // namespace hopsim::trace::test
