// SPDX-License-Identifier: Apache-2.0
// The CUPTI activity records that are read, each through the oldest struct that has what is needed: NVIDIA
// only appends fields, so a newer libcupti may deliver a longer record behind the same prefix. The offsets
// are those of CUPTI 13.0 (cupti_activity.h, cupti_activity_deprecated.h) and are checked here, so that a
// toolkit that breaks the rule fails to compile instead of filling traces with nonsense.
#pragma once

#include <cupti.h>

#include <cstddef>

namespace hopsim::collect {

using KernelRecord = CUpti_ActivityKernel9;
using MemcpyRecord = CUpti_ActivityMemcpy5;
using PeerCopyRecord = CUpti_ActivityMemcpyPtoP4;
using MemsetRecord = CUpti_ActivityMemset4;
using ApiRecord = CUpti_ActivityAPI;
using MarkerRecord = CUpti_ActivityMarker2;
using SyncRecord = CUpti_ActivitySynchronization;
using OverheadRecord = CUpti_ActivityOverhead2;
using DeviceRecord = CUpti_ActivityDevice4;
using ContextRecord = CUpti_ActivityContext2;
using StreamRecord = CUpti_ActivityStream;
using GraphTraceRecord = CUpti_ActivityGraphTrace;

#define HOPSIM_FIELD_AT(record, field, offset) \
  static_assert(offsetof(record, field) == (offset), #record "::" #field " moved")

HOPSIM_FIELD_AT(KernelRecord, kind, 0);
HOPSIM_FIELD_AT(KernelRecord, registersPerThread, 6);
HOPSIM_FIELD_AT(KernelRecord, start, 16);
HOPSIM_FIELD_AT(KernelRecord, end, 24);
HOPSIM_FIELD_AT(KernelRecord, deviceId, 40);
HOPSIM_FIELD_AT(KernelRecord, contextId, 44);
HOPSIM_FIELD_AT(KernelRecord, streamId, 48);
HOPSIM_FIELD_AT(KernelRecord, gridX, 52);
HOPSIM_FIELD_AT(KernelRecord, gridY, 56);
HOPSIM_FIELD_AT(KernelRecord, gridZ, 60);
HOPSIM_FIELD_AT(KernelRecord, blockX, 64);
HOPSIM_FIELD_AT(KernelRecord, blockY, 68);
HOPSIM_FIELD_AT(KernelRecord, blockZ, 72);
HOPSIM_FIELD_AT(KernelRecord, staticSharedMemory, 76);
HOPSIM_FIELD_AT(KernelRecord, dynamicSharedMemory, 80);
HOPSIM_FIELD_AT(KernelRecord, localMemoryPerThread, 84);
HOPSIM_FIELD_AT(KernelRecord, correlationId, 92);
HOPSIM_FIELD_AT(KernelRecord, name, 104);
HOPSIM_FIELD_AT(KernelRecord, launchType, 136);
HOPSIM_FIELD_AT(KernelRecord, graphNodeId, 144);
HOPSIM_FIELD_AT(KernelRecord, graphId, 156);
HOPSIM_FIELD_AT(KernelRecord, channelID, 168);
HOPSIM_FIELD_AT(KernelRecord, clusterX, 176);
HOPSIM_FIELD_AT(KernelRecord, clusterY, 180);
HOPSIM_FIELD_AT(KernelRecord, clusterZ, 184);

HOPSIM_FIELD_AT(MemcpyRecord, kind, 0);
HOPSIM_FIELD_AT(MemcpyRecord, copyKind, 4);
HOPSIM_FIELD_AT(MemcpyRecord, srcKind, 5);
HOPSIM_FIELD_AT(MemcpyRecord, dstKind, 6);
HOPSIM_FIELD_AT(MemcpyRecord, flags, 7);
HOPSIM_FIELD_AT(MemcpyRecord, bytes, 8);
HOPSIM_FIELD_AT(MemcpyRecord, start, 16);
HOPSIM_FIELD_AT(MemcpyRecord, end, 24);
HOPSIM_FIELD_AT(MemcpyRecord, deviceId, 32);
HOPSIM_FIELD_AT(MemcpyRecord, contextId, 36);
HOPSIM_FIELD_AT(MemcpyRecord, streamId, 40);
HOPSIM_FIELD_AT(MemcpyRecord, correlationId, 44);
HOPSIM_FIELD_AT(MemcpyRecord, graphNodeId, 64);
HOPSIM_FIELD_AT(MemcpyRecord, graphId, 72);

HOPSIM_FIELD_AT(PeerCopyRecord, kind, 0);
HOPSIM_FIELD_AT(PeerCopyRecord, copyKind, 4);
HOPSIM_FIELD_AT(PeerCopyRecord, srcKind, 5);
HOPSIM_FIELD_AT(PeerCopyRecord, dstKind, 6);
HOPSIM_FIELD_AT(PeerCopyRecord, flags, 7);
HOPSIM_FIELD_AT(PeerCopyRecord, bytes, 8);
HOPSIM_FIELD_AT(PeerCopyRecord, start, 16);
HOPSIM_FIELD_AT(PeerCopyRecord, end, 24);
HOPSIM_FIELD_AT(PeerCopyRecord, deviceId, 32);
HOPSIM_FIELD_AT(PeerCopyRecord, contextId, 36);
HOPSIM_FIELD_AT(PeerCopyRecord, streamId, 40);
HOPSIM_FIELD_AT(PeerCopyRecord, correlationId, 60);
HOPSIM_FIELD_AT(PeerCopyRecord, graphNodeId, 72);
HOPSIM_FIELD_AT(PeerCopyRecord, graphId, 80);

HOPSIM_FIELD_AT(MemsetRecord, kind, 0);
HOPSIM_FIELD_AT(MemsetRecord, value, 4);
HOPSIM_FIELD_AT(MemsetRecord, bytes, 8);
HOPSIM_FIELD_AT(MemsetRecord, start, 16);
HOPSIM_FIELD_AT(MemsetRecord, end, 24);
HOPSIM_FIELD_AT(MemsetRecord, deviceId, 32);
HOPSIM_FIELD_AT(MemsetRecord, contextId, 36);
HOPSIM_FIELD_AT(MemsetRecord, streamId, 40);
HOPSIM_FIELD_AT(MemsetRecord, correlationId, 44);
HOPSIM_FIELD_AT(MemsetRecord, flags, 48);
HOPSIM_FIELD_AT(MemsetRecord, memoryKind, 50);
HOPSIM_FIELD_AT(MemsetRecord, graphNodeId, 64);
HOPSIM_FIELD_AT(MemsetRecord, graphId, 72);

HOPSIM_FIELD_AT(ApiRecord, kind, 0);
HOPSIM_FIELD_AT(ApiRecord, cbid, 4);
HOPSIM_FIELD_AT(ApiRecord, start, 8);
HOPSIM_FIELD_AT(ApiRecord, end, 16);
HOPSIM_FIELD_AT(ApiRecord, processId, 24);
HOPSIM_FIELD_AT(ApiRecord, threadId, 28);
HOPSIM_FIELD_AT(ApiRecord, correlationId, 32);
HOPSIM_FIELD_AT(ApiRecord, returnValue, 36);

HOPSIM_FIELD_AT(MarkerRecord, kind, 0);
HOPSIM_FIELD_AT(MarkerRecord, flags, 4);
HOPSIM_FIELD_AT(MarkerRecord, timestamp, 8);
HOPSIM_FIELD_AT(MarkerRecord, id, 16);
HOPSIM_FIELD_AT(MarkerRecord, objectKind, 20);
HOPSIM_FIELD_AT(MarkerRecord, objectId, 24);
HOPSIM_FIELD_AT(MarkerRecord, name, 40);
HOPSIM_FIELD_AT(MarkerRecord, domain, 48);

HOPSIM_FIELD_AT(SyncRecord, kind, 0);
HOPSIM_FIELD_AT(SyncRecord, type, 4);
HOPSIM_FIELD_AT(SyncRecord, start, 8);
HOPSIM_FIELD_AT(SyncRecord, end, 16);
HOPSIM_FIELD_AT(SyncRecord, correlationId, 24);
HOPSIM_FIELD_AT(SyncRecord, contextId, 28);
HOPSIM_FIELD_AT(SyncRecord, streamId, 32);
HOPSIM_FIELD_AT(SyncRecord, cudaEventId, 36);

HOPSIM_FIELD_AT(OverheadRecord, kind, 0);
HOPSIM_FIELD_AT(OverheadRecord, overheadKind, 4);
HOPSIM_FIELD_AT(OverheadRecord, objectKind, 8);
HOPSIM_FIELD_AT(OverheadRecord, objectId, 12);
HOPSIM_FIELD_AT(OverheadRecord, start, 24);
HOPSIM_FIELD_AT(OverheadRecord, end, 32);

HOPSIM_FIELD_AT(DeviceRecord, kind, 0);
HOPSIM_FIELD_AT(DeviceRecord, globalMemoryBandwidth, 8);
HOPSIM_FIELD_AT(DeviceRecord, globalMemorySize, 16);
HOPSIM_FIELD_AT(DeviceRecord, l2CacheSize, 28);
HOPSIM_FIELD_AT(DeviceRecord, coreClockRate, 36);
HOPSIM_FIELD_AT(DeviceRecord, numMultiprocessors, 44);
HOPSIM_FIELD_AT(DeviceRecord, computeCapabilityMajor, 104);
HOPSIM_FIELD_AT(DeviceRecord, computeCapabilityMinor, 108);
HOPSIM_FIELD_AT(DeviceRecord, id, 112);
HOPSIM_FIELD_AT(DeviceRecord, uuid, 120);
HOPSIM_FIELD_AT(DeviceRecord, name, 136);

HOPSIM_FIELD_AT(ContextRecord, kind, 0);
HOPSIM_FIELD_AT(ContextRecord, contextId, 4);
HOPSIM_FIELD_AT(ContextRecord, deviceId, 8);
HOPSIM_FIELD_AT(ContextRecord, nullStreamId, 14);

HOPSIM_FIELD_AT(StreamRecord, kind, 0);
HOPSIM_FIELD_AT(StreamRecord, contextId, 4);
HOPSIM_FIELD_AT(StreamRecord, streamId, 8);
HOPSIM_FIELD_AT(StreamRecord, priority, 12);
HOPSIM_FIELD_AT(StreamRecord, flag, 16);

HOPSIM_FIELD_AT(GraphTraceRecord, kind, 0);
HOPSIM_FIELD_AT(GraphTraceRecord, correlationId, 4);
HOPSIM_FIELD_AT(GraphTraceRecord, start, 8);
HOPSIM_FIELD_AT(GraphTraceRecord, end, 16);
HOPSIM_FIELD_AT(GraphTraceRecord, deviceId, 24);
HOPSIM_FIELD_AT(GraphTraceRecord, graphId, 28);
HOPSIM_FIELD_AT(GraphTraceRecord, contextId, 32);
HOPSIM_FIELD_AT(GraphTraceRecord, streamId, 36);

#undef HOPSIM_FIELD_AT

}  // namespace hopsim::collect
