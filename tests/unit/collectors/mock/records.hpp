// SPDX-License-Identifier: Apache-2.0
// CUPTI records made up for tests, in the newest structs of the toolkit: the collector reads older prefixes.
#pragma once

#include <cupti.h>

#include <cstdint>

namespace hopsim::test {

struct KernelFields {
  std::uint64_t start = 1000, end = 2000;
  std::uint32_t device = 0, context = 1, stream = 7, correlation = 1;
  const char* name = "gemm";
  std::uint64_t graph_node = 0;
  std::uint32_t graph = 0;
};

inline CUpti_ActivityKernel10 kernel_record(const KernelFields& fields) {
  CUpti_ActivityKernel10 record{};
  record.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  record.start = fields.start;
  record.end = fields.end;
  record.deviceId = fields.device;
  record.contextId = fields.context;
  record.streamId = fields.stream;
  record.correlationId = fields.correlation;
  record.name = fields.name;
  record.graphNodeId = fields.graph_node;
  record.graphId = fields.graph;
  record.gridX = 10;
  record.gridY = 11;
  record.gridZ = 12;
  record.blockX = 128;
  record.blockY = 2;
  record.blockZ = 1;
  record.registersPerThread = 96;
  record.staticSharedMemory = 1024;
  record.dynamicSharedMemory = 65536;
  record.localMemoryPerThread = 16;
  record.launchType = 1;
  record.clusterX = 2;
  record.clusterY = 1;
  record.clusterZ = 1;
  record.channelID = 5;
  record.isDeviceLaunched = 1;
  return record;
}

inline CUpti_ActivityAPI api_record(CUpti_ActivityKind kind, CUpti_CallbackId callback,
                                    std::uint32_t correlation, std::uint32_t thread) {
  CUpti_ActivityAPI record{};
  record.kind = kind;
  record.cbid = callback;
  record.start = 900;
  record.end = 950;
  record.processId = 42;
  record.threadId = thread;
  record.correlationId = correlation;
  record.returnValue = 700;
  return record;
}

inline CUpti_ActivityMarker2 marker_record(CUpti_ActivityFlag flags, std::uint32_t id, std::uint64_t time,
                                           std::uint32_t thread, const char* name) {
  CUpti_ActivityMarker2 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MARKER;
  record.flags = flags;
  record.timestamp = time;
  record.id = id;
  record.objectKind = CUPTI_ACTIVITY_OBJECT_THREAD;
  record.objectId.pt.processId = 42;
  record.objectId.pt.threadId = thread;
  record.name = name;
  record.domain = "chain";
  return record;
}

}  // namespace hopsim::test
