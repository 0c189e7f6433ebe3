// SPDX-License-Identifier: Apache-2.0
// A captured trace in memory: what the HDF5 of DESIGN.md section 5 holds, as arrays of plain records. Times
// are int64 nanoseconds since the first record. Names are indices into one dictionary.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/kernel_class.hpp"

namespace hopsim::trace {

inline constexpr std::int64_t kNone = -1;  // no such id in the capture

struct Kernel {
  std::int64_t start_ns = 0;
  std::int64_t duration_ns = 0;
  std::int64_t device = 0, context = 0, stream = 0;
  std::int64_t correlation = kNone;  // joins it to the call that launched it
  std::int64_t graph_id = kNone;     // kernels of one CUDA graph launch share it (and the correlation)
  std::int64_t graph_node = kNone;
  std::int64_t name_id = 0;
  std::array<std::int64_t, 3> grid{}, block{};
  std::int64_t registers = 0, static_smem = 0, dynamic_smem = 0;
  KernelClass cls = KernelClass::kOther;
  std::int64_t range_id = kNone;  // innermost range that encloses its launch
};

/// A call of the CUDA runtime or driver on a host thread: launches, copies, synchronisations, everything
/// recorded.
struct ApiCall {
  std::int64_t start_ns = 0;
  std::int64_t duration_ns = 0;
  std::int64_t thread = 0;
  std::int64_t correlation = kNone;
  std::int64_t api_id = 0;  // name
};

enum class MemoryKind { kCopyHtoD, kCopyDtoH, kCopyDtoD, kCopyHtoH, kCopyPtoP, kCopyOther, kSet };

/// A memcpy or memset on a device.
struct MemoryOp {
  std::int64_t start_ns = 0;
  std::int64_t duration_ns = 0;
  std::int64_t device = 0, context = 0, stream = 0;
  std::int64_t correlation = kNone;
  std::int64_t graph_id = kNone, graph_node = kNone;
  MemoryKind kind = MemoryKind::kCopyOther;
  std::int64_t bytes = 0;
  bool pageable = false;  // one side is pageable host memory: the call blocks
};

enum class SyncKind { kStream, kEvent, kDevice, kStreamWaitEvent, kEventRecord };

/// A synchronisation: who waits for what. `correlation` joins it to its API call.
struct Sync {
  std::int64_t start_ns = 0;
  std::int64_t duration_ns = 0;
  SyncKind kind = SyncKind::kDevice;
  std::int64_t device = 0, context = 0, stream = kNone;
  std::int64_t event_id = kNone;
  std::int64_t correlation = kNone;
  std::int64_t waits_for_stream = kNone;       // wait event: the stream on which the event was recorded
  std::int64_t waits_for_correlation = kNone;  // and the call that recorded it
};

enum class RangeKind { kOperator, kAnnotation, kNvtx };

/// An NVTX range, a cpu_op or an annotation of a host thread.
struct Range {
  std::int64_t start_ns = 0;
  std::int64_t duration_ns = 0;
  std::int64_t name_id = 0;
  std::int64_t thread = 0;
  std::int64_t parent = kNone;  // index of the enclosing range
  RangeKind kind = RangeKind::kOperator;
};

/// The matrix product C[m,n] = A[m,k] B[k,n] that a GEMM kernel works on, from the operator that launched it.
struct Shape {
  std::int64_t kernel = 0;    // index of the kernel
  std::int64_t range_id = 0;  // index of the operator's range; kernels of one operator share it
  std::int64_t batch = 1;     // independent products
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t dtype_id = 0;  // name: "bfloat16", "float32", ...
};

struct Device {
  std::int64_t id = 0;
  std::string name, uuid;
  std::int64_t sms = 0;
  std::int64_t memory_bytes = 0;
};

/// Of a board; kNone where the GPU does not have the sensor.
struct PowerSample {
  std::int64_t t_ns = 0, mw = 0, sm_mhz = 0, mem_mhz = 0, temperature_c = 0, energy_mj = 0;
  std::int64_t device = 0;
};

struct Overhead {
  std::int64_t start_ns = 0, duration_ns = 0, kind = 0;
};

/// Something of the capture that could not be used or had to be repaired.
struct QualityCount {
  std::string name;      // "kernel_without_launch"
  std::string severity;  // "info", "loss", "error"
  std::int64_t count = 0;
  std::string help;
};

struct Trace {
  std::vector<Kernel> kernels;       // by (start, device, stream, correlation)
  std::vector<ApiCall> calls;        // by (start, thread)
  std::vector<MemoryOp> memory_ops;  // by start
  std::vector<Sync> syncs;           // by start
  std::vector<Range> ranges;         // by (start, -duration): parents before children
  std::vector<PowerSample> power;
  std::vector<Overhead> overhead;
  std::vector<std::string> names;
  std::vector<Device> devices;
  std::vector<QualityCount> quality;
  std::vector<std::pair<std::string, std::string>>
      attributes;             // provenance, gpu, driver, ... as in DESIGN.md
  std::vector<Shape> shapes;  // by kernel
};

}  // namespace hopsim::trace
