// SPDX-License-Identifier: Apache-2.0
#include "cupti/decode.hpp"

#include <algorithm>
#include <cstring>

namespace hopsim::collect {

namespace {

template <class Record>
const Record& as(const CUpti_Activity& record) {
  return reinterpret_cast<const Record&>(record);
}

std::int64_t ns(std::uint64_t time) { return static_cast<std::int64_t>(time); }

std::uint16_t narrow(std::uint32_t value) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(value, UINT16_MAX));
}

/// The fields that copies and memsets share.
template <class Record>
spool::MemoryOp memory_op(const Record& record, spool::MemoryOpKind kind) {
  spool::MemoryOp op;
  op.start_ns = ns(record.start);
  op.end_ns = ns(record.end);
  op.bytes = record.bytes;
  op.graph_node = record.graphNodeId;
  op.device = record.deviceId;
  op.context = record.contextId;
  op.stream = record.streamId;
  op.correlation = record.correlationId;
  op.graph = record.graphId;
  op.kind = kind;
  op.flags = static_cast<std::uint8_t>(record.flags);
  return op;
}

}  // namespace

void Batch::clear() {
  kernels.clear();
  api_calls.clear();
  memory_ops.clear();
  syncs.clear();
  markers.clear();
  overheads.clear();
  devices.clear();
  contexts.clear();
  streams.clear();
  graph_traces.clear();
  no_timestamps = 0;
  host_no_timestamps = 0;
  unknown = 0;
}

std::size_t Batch::keep_gpu_records(std::size_t most) {
  const std::size_t before = gpu_records();
  const auto cut = [&most](auto& records) {
    records.resize(std::min(records.size(), most));
    most -= records.size();
  };
  cut(kernels);
  cut(memory_ops);
  cut(graph_traces);
  return before - gpu_records();
}

Batch& Decoder::decode(std::uint8_t* buffer, std::size_t valid_bytes) {
  batch_.clear();
  texts_.fill({});
  CUpti_Activity* record = nullptr;
  CUptiResult status = CUPTI_SUCCESS;
  while ((status = cuptiActivityGetNextRecord(buffer, valid_bytes, &record)) == CUPTI_SUCCESS) {
    add(*record);
  }
  if (status != CUPTI_ERROR_MAX_LIMIT_REACHED) {
    ++batch_.unknown;
  }
  return batch_;
}

void Decoder::add(const CUpti_Activity& record) {
  switch (record.kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      return add_kernel(as<KernelRecord>(record));
    case CUPTI_ACTIVITY_KIND_MEMCPY:
      return add_copy(as<MemcpyRecord>(record));
    case CUPTI_ACTIVITY_KIND_MEMCPY2:
      return add_peer_copy(as<PeerCopyRecord>(record));
    case CUPTI_ACTIVITY_KIND_MEMSET:
      return add_memset(as<MemsetRecord>(record));
    case CUPTI_ACTIVITY_KIND_RUNTIME:
      return add_api_call(as<ApiRecord>(record), false);
    case CUPTI_ACTIVITY_KIND_DRIVER:
      return add_api_call(as<ApiRecord>(record), true);
    case CUPTI_ACTIVITY_KIND_MARKER:
      return add_marker(as<MarkerRecord>(record));
    case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
      return add_sync(as<SyncRecord>(record));
    case CUPTI_ACTIVITY_KIND_OVERHEAD:
      return add_overhead(as<OverheadRecord>(record));
    case CUPTI_ACTIVITY_KIND_DEVICE:
      return add_device(as<DeviceRecord>(record));
    case CUPTI_ACTIVITY_KIND_CONTEXT: {
      const auto& context = as<ContextRecord>(record);
      batch_.contexts.push_back({context.contextId, context.deviceId, context.nullStreamId, 0});
      return;
    }
    case CUPTI_ACTIVITY_KIND_STREAM: {
      const auto& stream = as<StreamRecord>(record);
      batch_.streams.push_back(
          {stream.streamId, stream.contextId, stream.priority, static_cast<std::uint32_t>(stream.flag)});
      return;
    }
    case CUPTI_ACTIVITY_KIND_GRAPH_TRACE:
      return add_graph_trace(as<GraphTraceRecord>(record));
    default:
      ++batch_.unknown;
  }
}

void Decoder::add_kernel(const KernelRecord& record) {
  if (!timed(record.start, record.end, batch_.no_timestamps)) {
    return;
  }
  spool::Kernel& kernel = batch_.kernels.emplace_back();
  kernel.start_ns = ns(record.start);
  kernel.end_ns = ns(record.end);
  kernel.graph_node = record.graphNodeId;
  kernel.device = record.deviceId;
  kernel.context = record.contextId;
  kernel.stream = record.streamId;
  kernel.correlation = record.correlationId;
  kernel.graph = record.graphId;
  kernel.name = text(record.name);
  kernel.grid = {record.gridX, record.gridY, record.gridZ};
  kernel.block = {record.blockX, record.blockY, record.blockZ};
  kernel.static_smem = record.staticSharedMemory;
  kernel.dynamic_smem = record.dynamicSharedMemory;
  kernel.local_bytes_per_thread = record.localMemoryPerThread;
  kernel.registers = record.registersPerThread;
  kernel.launch_type = record.launchType;
  kernel.cluster = {narrow(record.clusterX), narrow(record.clusterY), narrow(record.clusterZ)};
  kernel.channel = narrow(record.channelID);
}

void Decoder::add_copy(const MemcpyRecord& record) {
  if (timed(record.start, record.end, batch_.no_timestamps)) {
    spool::MemoryOp op = memory_op(record, spool::MemoryOpKind::kCopy);
    op.copy_kind = record.copyKind;
    op.source_kind = record.srcKind;
    op.target_kind = record.dstKind;
    batch_.memory_ops.push_back(op);
  }
}

void Decoder::add_peer_copy(const PeerCopyRecord& record) {
  if (timed(record.start, record.end, batch_.no_timestamps)) {
    spool::MemoryOp op = memory_op(record, spool::MemoryOpKind::kPeerCopy);
    op.copy_kind = record.copyKind;
    op.source_kind = record.srcKind;
    op.target_kind = record.dstKind;
    batch_.memory_ops.push_back(op);
  }
}

void Decoder::add_memset(const MemsetRecord& record) {
  if (timed(record.start, record.end, batch_.no_timestamps)) {
    spool::MemoryOp op = memory_op(record, spool::MemoryOpKind::kSet);
    op.target_kind = static_cast<std::uint8_t>(record.memoryKind);
    op.value = record.value;
    batch_.memory_ops.push_back(op);
  }
}

void Decoder::add_api_call(const ApiRecord& record, bool driver) {
  if (timed(record.start, record.end, batch_.host_no_timestamps)) {
    batch_.api_calls.push_back({ns(record.start), ns(record.end), record.processId, record.threadId,
                                record.correlationId, api_name(record.cbid, driver), driver ? 1U : 0U,
                                static_cast<std::int32_t>(record.returnValue)});
  }
}

void Decoder::add_marker(const MarkerRecord& record) {
  if (record.timestamp == 0) {
    ++batch_.host_no_timestamps;
    return;
  }
  spool::Marker& marker = batch_.markers.emplace_back();
  marker.time_ns = ns(record.timestamp);
  marker.id = record.id;
  if (record.objectKind == CUPTI_ACTIVITY_OBJECT_THREAD) {
    marker.process = record.objectId.pt.processId;
    marker.thread = record.objectId.pt.threadId;
  }
  marker.name = text(record.name);
  marker.domain = text(record.domain);
  const auto flags = static_cast<std::uint32_t>(record.flags);
  marker.flags = ((flags & CUPTI_ACTIVITY_FLAG_MARKER_START) != 0 ? 1U : 0U) |
                 ((flags & CUPTI_ACTIVITY_FLAG_MARKER_END) != 0 ? 2U : 0U);
}

void Decoder::add_sync(const SyncRecord& record) {
  if (timed(record.start, record.end, batch_.host_no_timestamps)) {
    batch_.syncs.push_back({ns(record.start), ns(record.end), static_cast<std::uint32_t>(record.type),
                            record.contextId, record.streamId, record.correlationId, record.cudaEventId, 0});
  }
}

void Decoder::add_overhead(const OverheadRecord& record) {
  if (!timed(record.start, record.end, batch_.host_no_timestamps)) {
    return;
  }
  spool::Overhead& overhead = batch_.overheads.emplace_back();
  overhead.start_ns = ns(record.start);
  overhead.end_ns = ns(record.end);
  overhead.kind = static_cast<std::uint32_t>(record.overheadKind);
  if (record.objectKind == CUPTI_ACTIVITY_OBJECT_THREAD) {
    overhead.process = record.objectId.pt.processId;
    overhead.thread = record.objectId.pt.threadId;
  }
}

void Decoder::add_device(const DeviceRecord& record) {
  spool::Device& device = batch_.devices.emplace_back();
  device.id = record.id;
  device.name = text(record.name);
  std::memcpy(device.uuid.data(), &record.uuid, device.uuid.size());
  device.memory_bytes = record.globalMemorySize;
  device.memory_bandwidth_kb_s = record.globalMemoryBandwidth;
  device.sms = record.numMultiprocessors;
  device.core_khz = record.coreClockRate;
  device.l2_bytes = record.l2CacheSize;
  device.capability_major = narrow(record.computeCapabilityMajor);
  device.capability_minor = narrow(record.computeCapabilityMinor);
}

void Decoder::add_graph_trace(const GraphTraceRecord& record) {
  if (timed(record.start, record.end, batch_.no_timestamps)) {
    batch_.graph_traces.push_back({ns(record.start), ns(record.end), record.deviceId, record.contextId,
                                   record.streamId, record.correlationId, record.graphId, 0});
  }
}

// Counts a record that can't be used into `without`.
bool Decoder::timed(std::uint64_t start, std::uint64_t end, std::uint64_t& without) {
  const bool usable = start > 0 && end >= start;
  without += usable ? 0 : 1;
  return usable;
}

// Within a buffer a string that CUPTI owns keeps its address, so most records cost no hashing of long names.
std::uint32_t Decoder::text(const char* address) {
  if (address == nullptr) {
    return spool::kNoName;
  }
  const std::uintptr_t key = reinterpret_cast<std::uintptr_t>(address) >> 4;
  CachedText& cached = texts_[(key ^ (key >> 9)) % texts_.size()];
  if (cached.address != address) {
    cached = {address, name_id_(address)};
  }
  return cached.id;
}

std::uint32_t Decoder::api_name(std::uint32_t callback, bool driver) {
  constexpr std::uint32_t kMost = 1U << 14;  // far above any id of today
  if (callback >= kMost) {
    return spool::kNoName;
  }
  std::vector<std::uint32_t>& known = api_names_[driver ? 1 : 0];
  if (callback >= known.size()) {
    known.resize(callback + 1, spool::kNoName);
  }
  if (known[callback] == spool::kNoName) {
    const char* name = nullptr;
    const auto domain = driver ? CUPTI_CB_DOMAIN_DRIVER_API : CUPTI_CB_DOMAIN_RUNTIME_API;
    if (cuptiGetCallbackName(domain, callback, &name) == CUPTI_SUCCESS && name != nullptr) {
      known[callback] = name_id_(name);
    }
  }
  return known[callback];
}

}  // namespace hopsim::collect
