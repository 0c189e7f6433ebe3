// SPDX-License-Identifier: Apache-2.0
// The spool: what the collector writes while a program runs, one file a process, and what `hopsim import`
// reads. Plain fixed-size records in checksummed chunks, little endian, so that the collector needs no
// library, writing costs a copy, and a process that is killed loses at most the chunk in flight.
//
//   file   = FileHeader chunk*                      (a complete file ends with a chunk of kind kEnd)
//   chunk  = ChunkHeader payload                    (payload: `records` records of the kind's struct, back to
//   back)
//
// Strings travel once, as kNames entries {u32 id, u32 bytes, text}; an id is defined before, or in a later
// chunk than, the record that uses it: readers collect all names first. Attributes are entries {u32
// key_bytes, u32 value_bytes, key, value}; both are packed, `records` counts entries. Times are nanoseconds
// of CUPTI's clock (CLOCK_REALTIME on Linux), 0 = not collected. A reader skips kinds it does not know and
// rejects another major version.
#pragma once

#include <array>
#include <cstdint>

namespace hopsim::spool {

inline constexpr std::array<char, 8> kMagic{'H', 'O', 'P', 'S', 'P', 'O', 'O', 'L'};
inline constexpr std::uint32_t kVersion = 1;  // major: another one is not readable
inline constexpr std::uint64_t kNoGraph = 0;
inline constexpr std::uint32_t kNoName = 0;  // ids of names start at 1
inline constexpr const char* kSuffix = ".hopspool";

struct FileHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t pid = 0;
  std::uint32_t parent_pid = 0;
  std::uint32_t reserved = 0;
  std::int64_t opened_ns = 0;  // CLOCK_REALTIME
};
static_assert(sizeof(FileHeader) == 32);

enum class ChunkKind : std::uint32_t {
  kNames = 1,
  kAttributes = 2,
  kKernels = 3,
  kApiCalls = 4,
  kMemoryOps = 5,
  kSyncs = 6,
  kMarkers = 7,
  kOverheads = 8,
  kDevices = 9,
  kContexts = 10,
  kStreams = 11,
  kClocks = 12,
  kPower = 13,
  kGraphTraces = 14,
  kGraphNodes = 15,
  kCounts = 16,
  kEnd = 17,
};

struct ChunkHeader {
  std::uint32_t crc32 =
      0;  // of all that follows it, the rest of this header and the payload; as in zlib and PNG
  std::uint32_t sequence = 0;  // 0, 1, 2 ... in file order: a hole is damage
  ChunkKind kind = ChunkKind::kEnd;
  std::uint32_t records = 0;
  std::uint64_t payload_bytes = 0;
};
static_assert(sizeof(ChunkHeader) == 24);

struct Kernel {
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint64_t graph_node = kNoGraph;
  std::uint32_t device = 0, context = 0, stream = 0, correlation = 0;
  std::uint32_t graph = 0;  // 0: not part of a graph launch
  std::uint32_t name = kNoName;
  std::array<std::int32_t, 3> grid{}, block{};
  std::int32_t static_smem = 0, dynamic_smem = 0;
  std::uint32_t local_bytes_per_thread = 0;
  std::uint16_t registers = 0;
  std::uint8_t launch_type = 0;  // CUpti_ActivityLaunchType
  std::uint8_t reserved = 0;
  std::array<std::uint16_t, 3> cluster{};
  std::uint16_t channel = 0;
};
static_assert(sizeof(Kernel) == 96);

struct ApiCall {
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint32_t process = 0, thread = 0, correlation = 0;
  std::uint32_t name = kNoName;  // "cudaLaunchKernel_v7000", "cuLaunchKernel"
  std::uint32_t domain = 0;      // 0 runtime, 1 driver
  std::int32_t return_value = 0;
};
static_assert(sizeof(ApiCall) == 40);

enum class MemoryOpKind : std::uint32_t { kCopy = 0, kPeerCopy = 1, kSet = 2 };

struct MemoryOp {
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint64_t bytes = 0;
  std::uint64_t graph_node = kNoGraph;
  std::uint32_t device = 0, context = 0, stream = 0, correlation = 0;
  std::uint32_t graph = 0;
  MemoryOpKind kind = MemoryOpKind::kCopy;
  std::uint8_t copy_kind = 0;    // CUpti_ActivityMemcpyKind
  std::uint8_t source_kind = 0;  // CUpti_ActivityMemoryKind
  std::uint8_t target_kind = 0;
  std::uint8_t flags = 0;   // CUpti_ActivityFlag of the record, low byte
  std::uint32_t value = 0;  // memset
};
static_assert(sizeof(MemoryOp) == 64);

struct Sync {
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint32_t type = 0;  // CUpti_ActivitySynchronizationType
  std::uint32_t context = 0, stream = 0, correlation = 0;
  std::uint32_t event = 0, reserved = 0;
};
static_assert(sizeof(Sync) == 40);

/// NVTX: a push or start (flag bit 0), a pop or end (bit 1), an instantaneous mark (neither).
struct Marker {
  std::int64_t time_ns = 0;
  std::uint32_t id = 0;  // joins start and end
  std::uint32_t process = 0, thread = 0;
  std::uint32_t name = kNoName;  // of a start or mark
  std::uint32_t domain = kNoName;
  std::uint32_t flags = 0;  // bit 0 start, bit 1 end
};
static_assert(sizeof(Marker) == 32);

struct Overhead {
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint32_t kind = 0;  // CUpti_ActivityOverheadKind
  std::uint32_t process = 0, thread = 0, reserved = 0;
};
static_assert(sizeof(Overhead) == 32);

struct Device {
  std::uint32_t id = 0;
  std::uint32_t name = kNoName;
  std::array<std::uint8_t, 16> uuid{};
  std::uint64_t memory_bytes = 0, memory_bandwidth_kb_s = 0;
  std::uint32_t sms = 0, core_khz = 0, l2_bytes = 0;
  std::uint16_t capability_major = 0, capability_minor = 0;
};
static_assert(sizeof(Device) == 56);

struct Context {
  std::uint32_t id = 0, device = 0, null_stream = 0, reserved = 0;
};
static_assert(sizeof(Context) == 16);

struct Stream {
  std::uint32_t id = 0, context = 0, priority = 0, flags = 0;
};
static_assert(sizeof(Stream) == 16);

/// The three clocks read at one moment: shows slews of the real-time clock.
struct Clock {
  std::int64_t cupti_ns = 0, realtime_ns = 0, monotonic_raw_ns = 0;
};
static_assert(sizeof(Clock) == 24);

/// A sample of NVML; fields that the GPU does not have are -1.
struct Power {
  std::int64_t t_ns = 0;  // CLOCK_REALTIME
  std::int64_t energy_mj = -1;
  std::int32_t device = 0, power_mw = -1, sm_mhz = -1, memory_mhz = -1, temperature_c = -1;
  std::uint32_t reserved = 0;
  std::uint64_t throttle_reasons = 0;
};
static_assert(sizeof(Power) == 48);

/// One launch of a CUDA graph as a whole (graph_mode=graph).
struct GraphTrace {
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint32_t device = 0, context = 0, stream = 0, correlation = 0, graph = 0, reserved = 0;
};
static_assert(sizeof(GraphTrace) == 40);

/// A graph node and the innermost NVTX range that was open on the capturing thread when it was created.
struct GraphNode {
  std::uint64_t node = 0;
  std::uint64_t original = kNoGraph;  // the node it was cloned from
  std::uint32_t graph = 0;
  std::uint32_t range_name = kNoName;
};
static_assert(sizeof(GraphNode) == 24);

/// Something lost or unusable, in total so far; the last record of a kind counts.
enum class CountKind : std::uint32_t {
  kDropped = 1,           // CUPTI had no buffer
  kNoTimestamps = 2,      // work of a GPU: start or end 0, or end before start
  kUnknownRecords = 3,    // of kinds that were not asked for
  kBufferLimit = 4,       // collection stopped: the pool is at its cap
  kRecordLimit = 5,       // collection stopped: too many records
  kHostNoTimestamps = 6,  // the same of the host: calls, waits, markers, overheads
  kCuptiErrors = 7,       // other CUPTI calls that failed
};

struct Count {
  CountKind kind = CountKind::kDropped;
  std::uint32_t reserved = 0;
  std::uint64_t value = 0;
};
static_assert(sizeof(Count) == 16);

/// The trailer: the process ended in order and all was flushed.
struct End {
  std::int64_t closed_ns = 0;  // CLOCK_REALTIME
  std::uint64_t kernels = 0, api_calls = 0;
};
static_assert(sizeof(End) == 24);

}  // namespace hopsim::spool
