// SPDX-License-Identifier: Apache-2.0
// Made-up buffers through the real cuptiActivityGetNextRecord, which needs no GPU: each field of a record
// arrives where the spool has it, although the records are those of the newest structs of the toolkit.
#include "cupti/decode.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "mock/records.hpp"

namespace hopsim::collect {
namespace {

using test::api_record;
using test::kernel_record;
using test::KernelFields;
using test::marker_record;

class Decode : public testing::Test {
 protected:
  template <class Record>
  void put(const Record& record) {
    const std::size_t bytes = (sizeof(record) + 7) / 8 * 8;
    std::memcpy(buffer_.data() + used_ / 8, &record, sizeof(record));
    used_ += bytes;
  }
  Batch& decode() { return decoder_.decode(reinterpret_cast<std::uint8_t*>(buffer_.data()), used_); }
  void clear() {
    std::fill(buffer_.begin(), buffer_.end(), 0);
    used_ = 0;
  }

  std::vector<std::uint64_t> buffer_ = std::vector<std::uint64_t>(8192);  // aligned to 8 bytes
  std::size_t used_ = 0;
  std::map<std::uint32_t, std::string> names_;
  int asked_ = 0;
  Decoder decoder_{[this](std::string_view text) {
    ++asked_;
    for (const auto& [id, name] : names_) {
      if (name == text) {
        return id;
      }
    }
    const auto id = static_cast<std::uint32_t>(names_.size() + 1);
    names_[id] = text;
    return id;
  }};
};

TEST_F(Decode, A_kernel_keeps_every_field) {
  KernelFields fields;
  fields.device = 3;
  fields.context = 4;
  fields.stream = 5;
  fields.correlation = 6;
  fields.graph = 8;
  fields.graph_node = 9;
  put(kernel_record(fields));
  const Batch& batch = decode();
  ASSERT_EQ(batch.kernels.size(), 1U);
  const spool::Kernel& kernel = batch.kernels[0];
  EXPECT_EQ(kernel.start_ns, 1000);
  EXPECT_EQ(kernel.end_ns, 2000);
  EXPECT_EQ(kernel.device, 3U);
  EXPECT_EQ(kernel.context, 4U);
  EXPECT_EQ(kernel.stream, 5U);
  EXPECT_EQ(kernel.correlation, 6U);
  EXPECT_EQ(kernel.graph, 8U);
  EXPECT_EQ(kernel.graph_node, 9U);
  EXPECT_EQ(names_.at(kernel.name), "gemm");
  EXPECT_EQ(kernel.grid, (std::array<std::int32_t, 3>{10, 11, 12}));
  EXPECT_EQ(kernel.block, (std::array<std::int32_t, 3>{128, 2, 1}));
  EXPECT_EQ(kernel.registers, 96);
  EXPECT_EQ(kernel.static_smem, 1024);
  EXPECT_EQ(kernel.dynamic_smem, 65536);
  EXPECT_EQ(kernel.local_bytes_per_thread, 16U);
  EXPECT_EQ(kernel.launch_type, 1);
  EXPECT_EQ(kernel.cluster, (std::array<std::uint16_t, 3>{2, 1, 1}));
  EXPECT_EQ(kernel.channel, 5);
}

TEST_F(Decode, Records_without_usable_times_are_counted_and_left_out) {
  for (const auto& [start, end] : {std::pair{0, 0}, std::pair{0, 5}, std::pair{5, 0}, std::pair{5, 4}}) {
    KernelFields fields;
    fields.start = static_cast<std::uint64_t>(start);
    fields.end = static_cast<std::uint64_t>(end);
    put(kernel_record(fields));
  }
  put(marker_record(CUPTI_ACTIVITY_FLAG_MARKER_START, 1, 0, 1, "untimed"));
  KernelFields instant;
  instant.end = instant.start;
  put(kernel_record(instant));
  const Batch& batch = decode();
  EXPECT_EQ(batch.kernels.size(), 1U);
  EXPECT_EQ(batch.markers.size(), 0U);
  EXPECT_EQ(batch.no_timestamps, 4U);
  EXPECT_EQ(batch.host_no_timestamps, 1U);
}

TEST_F(Decode, Copies_and_sets_keep_size_place_and_kind) {
  CUpti_ActivityMemcpy6 copy{};
  copy.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
  copy.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_HTOD;
  copy.srcKind = CUPTI_ACTIVITY_MEMORY_KIND_PINNED;
  copy.dstKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
  copy.flags = 1;
  copy.bytes = 4096;
  copy.start = 10;
  copy.end = 20;
  copy.streamId = 7;
  copy.correlationId = 11;
  copy.copyCount = 1;
  put(copy);
  CUpti_ActivityMemcpyPtoP4 peer{};
  peer.kind = CUPTI_ACTIVITY_KIND_MEMCPY2;
  peer.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_PTOP;
  peer.bytes = 1 << 20;
  peer.start = 30;
  peer.end = 40;
  peer.deviceId = 1;
  peer.correlationId = 12;
  put(peer);
  CUpti_ActivityMemset4 set{};
  set.kind = CUPTI_ACTIVITY_KIND_MEMSET;
  set.value = 255;
  set.bytes = 512;
  set.start = 50;
  set.end = 60;
  set.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
  set.graphNodeId = 77;
  put(set);
  const Batch& batch = decode();
  ASSERT_EQ(batch.memory_ops.size(), 3U);
  EXPECT_EQ(batch.memory_ops[0].kind, spool::MemoryOpKind::kCopy);
  EXPECT_EQ(batch.memory_ops[0].bytes, 4096U);
  EXPECT_EQ(batch.memory_ops[0].copy_kind, CUPTI_ACTIVITY_MEMCPY_KIND_HTOD);
  EXPECT_EQ(batch.memory_ops[0].source_kind, CUPTI_ACTIVITY_MEMORY_KIND_PINNED);
  EXPECT_EQ(batch.memory_ops[0].target_kind, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE);
  EXPECT_EQ(batch.memory_ops[0].flags, 1);
  EXPECT_EQ(batch.memory_ops[1].kind, spool::MemoryOpKind::kPeerCopy);
  EXPECT_EQ(batch.memory_ops[1].device, 1U);
  EXPECT_EQ(batch.memory_ops[1].correlation, 12U);
  EXPECT_EQ(batch.memory_ops[2].kind, spool::MemoryOpKind::kSet);
  EXPECT_EQ(batch.memory_ops[2].value, 255U);
  EXPECT_EQ(batch.memory_ops[2].graph_node, 77U);
  EXPECT_EQ(batch.memory_ops[2].target_kind, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE);
}

TEST_F(Decode, Calls_carry_their_thread_and_the_name_that_CUPTI_gives_them) {
  put(api_record(CUPTI_ACTIVITY_KIND_RUNTIME, CUPTI_RUNTIME_TRACE_CBID_cudaLaunchKernel_v7000, 5, 1234));
  put(api_record(CUPTI_ACTIVITY_KIND_DRIVER, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, 6, 1235));
  put(api_record(CUPTI_ACTIVITY_KIND_DRIVER, 0xFFFFFFF0U, 7, 1235));
  const Batch& batch = decode();
  ASSERT_EQ(batch.api_calls.size(), 3U);
  EXPECT_EQ(names_.at(batch.api_calls[0].name), "cudaLaunchKernel_v7000");
  EXPECT_EQ(batch.api_calls[0].domain, 0U);
  EXPECT_EQ(batch.api_calls[0].thread, 1234U);
  EXPECT_EQ(batch.api_calls[0].process, 42U);
  EXPECT_EQ(batch.api_calls[0].correlation, 5U);
  EXPECT_EQ(batch.api_calls[0].return_value, 700);
  EXPECT_EQ(names_.at(batch.api_calls[1].name), "cuLaunchKernel");
  EXPECT_EQ(batch.api_calls[1].domain, 1U);
  EXPECT_EQ(batch.api_calls[2].name, spool::kNoName);
}

TEST_F(Decode, Markers_say_whether_they_open_close_or_stand_alone) {
  put(marker_record(CUPTI_ACTIVITY_FLAG_MARKER_START, 1, 100, 55, "hop=1"));
  put(marker_record(CUPTI_ACTIVITY_FLAG_MARKER_END, 1, 200, 55, nullptr));
  put(marker_record(CUPTI_ACTIVITY_FLAG_MARKER_INSTANTANEOUS, 2, 300, 55, "here"));
  const Batch& batch = decode();
  ASSERT_EQ(batch.markers.size(), 3U);
  EXPECT_EQ(batch.markers[0].flags, 1U);
  EXPECT_EQ(batch.markers[1].flags, 2U);
  EXPECT_EQ(batch.markers[2].flags, 0U);
  EXPECT_EQ(names_.at(batch.markers[0].name), "hop=1");
  EXPECT_EQ(batch.markers[1].name, spool::kNoName);
  EXPECT_EQ(names_.at(batch.markers[0].domain), "chain");
  EXPECT_EQ(batch.markers[0].thread, 55U);
}

TEST_F(Decode, Synchronisations_overheads_and_graph_launches_arrive) {
  CUpti_ActivitySynchronization2 sync{};
  sync.kind = CUPTI_ACTIVITY_KIND_SYNCHRONIZATION;
  sync.type = CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE;
  sync.start = 1;
  sync.end = 2;
  sync.contextId = 3;
  sync.streamId = 4;
  sync.correlationId = 5;
  sync.cudaEventId = 6;
  put(sync);
  CUpti_ActivityOverhead3 overhead{};
  overhead.kind = CUPTI_ACTIVITY_KIND_OVERHEAD;
  overhead.overheadKind = CUPTI_ACTIVITY_OVERHEAD_LAZY_FUNCTION_LOADING;
  overhead.objectKind = CUPTI_ACTIVITY_OBJECT_THREAD;
  overhead.objectId.pt.threadId = 9;
  overhead.start = 3;
  overhead.end = 4;
  put(overhead);
  CUpti_ActivityGraphTrace2 graph{};
  graph.kind = CUPTI_ACTIVITY_KIND_GRAPH_TRACE;
  graph.start = 5;
  graph.end = 6;
  graph.deviceId = 1;
  graph.graphId = 7;
  graph.contextId = 2;
  graph.streamId = 3;
  graph.correlationId = 8;
  put(graph);
  const Batch& batch = decode();
  ASSERT_EQ(batch.syncs.size(), 1U);
  EXPECT_EQ(batch.syncs[0].type, 3U);
  EXPECT_EQ(batch.syncs[0].context, 3U);
  EXPECT_EQ(batch.syncs[0].stream, 4U);
  EXPECT_EQ(batch.syncs[0].correlation, 5U);
  EXPECT_EQ(batch.syncs[0].event, 6U);
  ASSERT_EQ(batch.overheads.size(), 1U);
  EXPECT_EQ(batch.overheads[0].kind, 5U << 16);
  EXPECT_EQ(batch.overheads[0].thread, 9U);
  ASSERT_EQ(batch.graph_traces.size(), 1U);
  EXPECT_EQ(batch.graph_traces[0].device, 1U);
  EXPECT_EQ(batch.graph_traces[0].context, 2U);
  EXPECT_EQ(batch.graph_traces[0].stream, 3U);
  EXPECT_EQ(batch.graph_traces[0].graph, 7U);
  EXPECT_EQ(batch.graph_traces[0].correlation, 8U);
}

TEST_F(Decode, Devices_contexts_and_streams_arrive) {
  CUpti_ActivityDevice5 device{};
  device.kind = CUPTI_ACTIVITY_KIND_DEVICE;
  device.id = 1;
  device.name = "NVIDIA H100 80GB HBM3";
  device.globalMemorySize = 85'000'000'000;
  device.globalMemoryBandwidth = 3'352'320'000;
  device.numMultiprocessors = 132;
  device.coreClockRate = 1'980'000;
  device.l2CacheSize = 52'428'800;
  device.computeCapabilityMajor = 9;
  device.uuid.bytes[0] = 0x1f;
  put(device);
  CUpti_ActivityContext3 context{};
  context.kind = CUPTI_ACTIVITY_KIND_CONTEXT;
  context.contextId = 2;
  context.deviceId = 1;
  context.nullStreamId = 7;
  put(context);
  CUpti_ActivityStream stream{};
  stream.kind = CUPTI_ACTIVITY_KIND_STREAM;
  stream.contextId = 2;
  stream.streamId = 13;
  stream.priority = 1;
  stream.flag = CUPTI_ACTIVITY_STREAM_CREATE_FLAG_NON_BLOCKING;
  put(stream);
  const Batch& batch = decode();
  ASSERT_EQ(batch.devices.size(), 1U);
  EXPECT_EQ(batch.devices[0].id, 1U);
  EXPECT_EQ(names_.at(batch.devices[0].name), "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(batch.devices[0].uuid[0], 0x1f);
  EXPECT_EQ(batch.devices[0].memory_bytes, 85'000'000'000U);
  EXPECT_EQ(batch.devices[0].memory_bandwidth_kb_s, 3'352'320'000U);
  EXPECT_EQ(batch.devices[0].sms, 132U);
  EXPECT_EQ(batch.devices[0].core_khz, 1'980'000U);
  EXPECT_EQ(batch.devices[0].l2_bytes, 52'428'800U);
  EXPECT_EQ(batch.devices[0].capability_major, 9);
  ASSERT_EQ(batch.contexts.size(), 1U);
  EXPECT_EQ(batch.contexts[0].id, 2U);
  EXPECT_EQ(batch.contexts[0].device, 1U);
  EXPECT_EQ(batch.contexts[0].null_stream, 7U);
  ASSERT_EQ(batch.streams.size(), 1U);
  EXPECT_EQ(batch.streams[0].id, 13U);
  EXPECT_EQ(batch.streams[0].context, 2U);
  EXPECT_EQ(batch.streams[0].priority, 1U);
  EXPECT_EQ(batch.streams[0].flags, 2U);
}

TEST_F(Decode, A_kind_that_was_not_asked_for_is_counted) {
  CUpti_ActivityEnvironment environment{};
  environment.kind = CUPTI_ACTIVITY_KIND_ENVIRONMENT;
  put(environment);
  put(kernel_record({}));
  const Batch& batch = decode();
  EXPECT_EQ(batch.unknown, 1U);
  EXPECT_EQ(batch.kernels.size(), 1U);
}

TEST_F(Decode, A_buffer_that_ends_in_nonsense_yields_what_came_before) {
  put(kernel_record({}));
  used_ += 512;  // zeros: no record
  const Batch& batch = decode();
  EXPECT_EQ(batch.kernels.size(), 1U);
  EXPECT_EQ(batch.unknown, 1U);
}

TEST_F(Decode, An_empty_buffer_holds_nothing) {
  const Batch& batch = decode();
  EXPECT_EQ(batch.gpu_records(), 0U);
  EXPECT_EQ(batch.unknown, 0U);
}

TEST_F(Decode, A_name_is_looked_up_once_a_buffer) {
  for (int i = 0; i < 20; ++i) {
    put(kernel_record({}));
  }
  EXPECT_EQ(decode().kernels.size(), 20U);
  EXPECT_EQ(asked_, 1);
}

TEST_F(Decode, An_address_that_a_later_buffer_reuses_is_another_name) {
  char name[] = "first";
  KernelFields fields;
  fields.name = name;
  put(kernel_record(fields));
  EXPECT_EQ(names_.at(decode().kernels.at(0).name), "first");
  std::memcpy(name, "other", sizeof(name));
  EXPECT_EQ(names_.at(decode().kernels.at(0).name), "other");
}

TEST_F(Decode, A_batch_is_cut_to_what_may_still_be_recorded) {
  for (int i = 0; i < 3; ++i) {
    put(kernel_record({}));
  }
  CUpti_ActivityMemset4 set{};
  set.kind = CUPTI_ACTIVITY_KIND_MEMSET;
  set.start = 1;
  set.end = 2;
  put(set);
  put(api_record(CUPTI_ACTIVITY_KIND_RUNTIME, 211, 1, 1));
  Batch& batch = decode();
  EXPECT_EQ(batch.gpu_records(), 4U);
  EXPECT_EQ(batch.keep_gpu_records(2), 2U);
  EXPECT_EQ(batch.kernels.size(), 2U);
  EXPECT_EQ(batch.memory_ops.size(), 0U);
  EXPECT_EQ(batch.api_calls.size(), 1U);
}

}  // namespace
}  // namespace hopsim::collect
