// SPDX-License-Identifier: Apache-2.0
// Turns a buffer of CUPTI activity records into records of the spool: no state but caches of names, no lock,
// no file, so that fabricated buffers test it. Records without usable times (CUPTI ran out of device memory,
// or a forced flush delivered what had not ended) are counted and left out, as are kinds not asked for.
// Strings of CUPTI are resolved at once: they need not outlive the completion callback. One decoder serves
// one thread at a time and reuses its memory; about two cache look-ups a record, no allocation once warm.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "cupti/record_layout.hpp"
#include "trace/import/spool/spool_format.hpp"

namespace hopsim::collect {

/// What one buffer held.
struct Batch {
  std::vector<spool::Kernel> kernels;
  std::vector<spool::ApiCall> api_calls;
  std::vector<spool::MemoryOp> memory_ops;
  std::vector<spool::Sync> syncs;
  std::vector<spool::Marker> markers;
  std::vector<spool::Overhead> overheads;
  std::vector<spool::Device> devices;
  std::vector<spool::Context> contexts;
  std::vector<spool::Stream> streams;
  std::vector<spool::GraphTrace> graph_traces;
  std::uint64_t no_timestamps = 0, host_no_timestamps = 0;
  std::uint64_t unknown = 0;  // kinds not asked for, and buffers that end in something that is no record

  void clear();
  /// Work of a GPU: what fills CUPTI's device buffers.
  [[nodiscard]] std::size_t gpu_records() const {
    return kernels.size() + memory_ops.size() + graph_traces.size();
  }
  /// Drops GPU records until `most` are left; how many were dropped.
  std::size_t keep_gpu_records(std::size_t most);
};

class Decoder {
 public:
  /// The id under which a string is known to the spool; called on a cache miss.
  using NameId = std::function<std::uint32_t(std::string_view)>;

  explicit Decoder(NameId name_id) : name_id_(std::move(name_id)) {}

  /// The records in the first `valid_bytes` of a buffer that CUPTI filled; valid until the next call.
  Batch& decode(std::uint8_t* buffer, std::size_t valid_bytes);

 private:
  struct CachedText {
    const char* address = nullptr;
    std::uint32_t id = spool::kNoName;
  };

  void add(const CUpti_Activity& record);
  void add_kernel(const KernelRecord& record);
  void add_copy(const MemcpyRecord& record);
  void add_peer_copy(const PeerCopyRecord& record);
  void add_memset(const MemsetRecord& record);
  void add_api_call(const ApiRecord& record, bool driver);
  void add_marker(const MarkerRecord& record);
  void add_sync(const SyncRecord& record);
  void add_overhead(const OverheadRecord& record);
  void add_device(const DeviceRecord& record);
  void add_graph_trace(const GraphTraceRecord& record);
  static bool timed(std::uint64_t start, std::uint64_t end, std::uint64_t& without);
  std::uint32_t text(const char* address);
  std::uint32_t api_name(std::uint32_t callback, bool driver);

  NameId name_id_;
  Batch batch_;
  std::array<CachedText, 512> texts_{};                    // of this buffer: later ones may reuse an address
  std::array<std::vector<std::uint32_t>, 2> api_names_{};  // runtime, driver; by callback id, for good
};

}  // namespace hopsim::collect
