// SPDX-License-Identifier: Apache-2.0
#include "trace/schema.hpp"

namespace hopsim::trace {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostClasses =
    1000;  // a later version may have more than this one; /classes translates

// A member as a column. Enumerations are stored as their number.
template <auto Member, class R>
constexpr auto column(const char* name, const char* units, const char* long_name,
                      std::int64_t low = std::numeric_limits<std::int64_t>::min(), std::int64_t high = kMost,
                      Target target = Target::kNothing, const char* since = "1.0") -> Column<R> {
  return {
      name,
      units,
      long_name,
      [](const R& r) { return static_cast<std::int64_t>(r.*Member); },
      [](R& r, std::int64_t v) { r.*Member = static_cast<std::remove_reference_t<decltype(r.*Member)>>(v); },
      low,
      high,
      target,
      since};
}

template <std::array<std::int64_t, 3> Kernel::*Member, std::size_t Axis>
constexpr auto axis(const char* name, const char* long_name) -> Column<Kernel> {
  return {name,
          "1",
          long_name,
          [](const Kernel& k) { return (k.*Member)[Axis]; },
          [](Kernel& k, std::int64_t v) { (k.*Member)[Axis] = v; },
          0,
          kMost,
          Target::kNothing,
          "1.0"};
}

}  // namespace

const std::vector<Column<Kernel>>& kernel_columns() {
  using R = Kernel;
  static const std::vector<Column<R>> kColumns = {
      column<&R::start_ns, R>("start_ns", "ns", "start, since the first record", 0),
      column<&R::duration_ns, R>("duration_ns", "ns", "duration", 0),
      column<&R::device, R>("device", "1", "device id", 0),
      column<&R::context, R>("context", "1", "CUDA context id", kNone),
      column<&R::stream, R>("stream", "1", "CUDA stream id", 0),
      column<&R::correlation, R>("correlation", "1", "correlation with the launching call, -1 unknown",
                                 kNone),
      column<&R::graph_id, R>("graph_id", "1", "CUDA graph of the launch, -1 none", kNone),
      column<&R::graph_node, R>("graph_node", "1", "node of the CUDA graph, -1 unknown", kNone),
      column<&R::name_id, R>("name_id", "1", "row of /names", 0, kMost, Target::kNames),
      axis<&R::grid, 0>("grid_x", "grid size in x, blocks"),
      axis<&R::grid, 1>("grid_y", "grid size in y, blocks"),
      axis<&R::grid, 2>("grid_z", "grid size in z, blocks"),
      axis<&R::block, 0>("block_x", "block size in x, threads"),
      axis<&R::block, 1>("block_y", "block size in y, threads"),
      axis<&R::block, 2>("block_z", "block size in z, threads"),
      column<&R::registers, R>("registers", "1", "registers per thread", 0),
      column<&R::static_smem, R>("static_smem", "byte", "static shared memory per block", 0),
      column<&R::dynamic_smem, R>("dynamic_smem", "byte", "dynamic shared memory per block", 0),
      column<&R::cls, R>("class", "1", "kernel class, row of /classes", 0, kMostClasses),
      column<&R::range_id, R>("range_id", "1", "row of /ranges that encloses the launch, -1 none", kNone,
                              kMost, Target::kRanges)};
  return kColumns;
}

const std::vector<Column<ApiCall>>& launch_columns() {
  using R = ApiCall;
  static const std::vector<Column<R>> kColumns = {
      column<&R::start_ns, R>("start_ns", "ns", "start, since the first record", 0),
      column<&R::duration_ns, R>("duration_ns", "ns", "duration", 0),
      column<&R::thread, R>("thread", "1", "host thread"),
      column<&R::correlation, R>("correlation", "1",
                                 "correlation with what the call put on a device, -1 unknown", kNone),
      column<&R::api_id, R>("api_id", "1", "name of the call, row of /names", 0, kMost, Target::kNames)};
  return kColumns;
}

const std::vector<Column<MemoryOp>>& memory_columns() {
  using R = MemoryOp;
  static const std::vector<Column<R>> kColumns = {
      column<&R::start_ns, R>("start_ns", "ns", "start, since the first record", 0),
      column<&R::duration_ns, R>("duration_ns", "ns", "duration", 0),
      column<&R::device, R>("device", "1", "device id", 0),
      column<&R::context, R>("context", "1", "CUDA context id", kNone),
      column<&R::stream, R>("stream", "1", "CUDA stream id", 0),
      column<&R::correlation, R>("correlation", "1", "correlation with the call, -1 unknown", kNone),
      column<&R::graph_id, R>("graph_id", "1", "CUDA graph of the launch, -1 none", kNone),
      column<&R::graph_node, R>("graph_node", "1", "node of the CUDA graph, -1 unknown", kNone),
      column<&R::kind, R>("kind", "1",
                          "0 HtoD, 1 DtoH, 2 DtoD, 3 HtoH, 4 peer to peer, 5 other copy, 6 memset", 0,
                          static_cast<std::int64_t>(MemoryKind::kSet)),
      column<&R::bytes, R>("bytes", "byte", "bytes copied or set", 0),
      column<&R::pageable, R>("pageable", "1", "1 where one side is pageable host memory", 0, 1)};
  return kColumns;
}

const std::vector<Column<Sync>>& sync_columns() {
  using R = Sync;
  static const std::vector<Column<R>> kColumns = {
      column<&R::start_ns, R>("start_ns", "ns", "start, since the first record", 0),
      column<&R::duration_ns, R>("duration_ns", "ns", "duration", 0),
      column<&R::kind, R>("kind", "1",
                          "0 stream, 1 event, 2 device or context, 3 stream waits for event, 4 event record",
                          0, static_cast<std::int64_t>(SyncKind::kEventRecord)),
      column<&R::device, R>("device", "1", "device id", kNone),
      column<&R::context, R>("context", "1", "CUDA context id", kNone),
      column<&R::stream, R>("stream", "1", "stream that waits, -1 none", kNone),
      column<&R::event_id, R>("event_id", "1", "CUDA event, -1 none", kNone),
      column<&R::correlation, R>("correlation", "1", "correlation with the call, -1 unknown", kNone),
      column<&R::waits_for_stream, R>("waits_for_stream", "1", "stream the event was recorded on, -1 unknown",
                                      kNone),
      column<&R::waits_for_correlation, R>("waits_for_correlation", "1",
                                           "correlation of the call that recorded it, -1 unknown", kNone)};
  return kColumns;
}

const std::vector<Column<Range>>& range_columns() {
  using R = Range;
  static const std::vector<Column<R>> kColumns = {
      column<&R::start_ns, R>("start_ns", "ns", "start, since the first record", 0),
      column<&R::duration_ns, R>("duration_ns", "ns", "duration", 0),
      column<&R::name_id, R>("name_id", "1", "row of /names", 0, kMost, Target::kNames),
      column<&R::thread, R>("thread", "1", "host thread"),
      column<&R::parent, R>("parent", "1", "row of the enclosing range, -1 none", kNone, kMost,
                            Target::kRanges),
      column<&R::kind, R>("kind", "1", "0 operator, 1 annotation, 2 NVTX", 0,
                          static_cast<std::int64_t>(RangeKind::kNvtx))};
  return kColumns;
}

const std::vector<Column<PowerSample>>& power_columns() {
  using R = PowerSample;
  static const std::vector<Column<R>> kColumns = {
      column<&R::t_ns, R>("t_ns", "ns", "time of the sample, since the first record"),
      column<&R::mw, R>("mw", "mW", "power of the board, -1 unknown", kNone),
      column<&R::sm_mhz, R>("sm_mhz", "MHz", "clock of the multiprocessors, -1 unknown", kNone),
      column<&R::mem_mhz, R>("mem_mhz", "MHz", "clock of the memory, -1 unknown", kNone),
      column<&R::temperature_c, R>("temperature_c", "degC", "temperature, -1 unknown"),
      column<&R::energy_mj, R>("energy_mj", "mJ", "energy counter, -1 unknown", kNone),
      column<&R::device, R>("device", "1", "device id", 0, kMost, Target::kNothing, "1.1")};
  return kColumns;
}

const std::vector<Column<Overhead>>& overhead_columns() {
  using R = Overhead;
  static const std::vector<Column<R>> kColumns = {
      column<&R::start_ns, R>("start_ns", "ns", "start, since the first record", 0),
      column<&R::duration_ns, R>("duration_ns", "ns", "duration", 0),
      column<&R::kind, R>("kind", "1", "name of the overhead, row of /names", 0, kMost, Target::kNames)};
  return kColumns;
}

const std::vector<Column<Shape>>& shape_columns() {
  using R = Shape;
  static const std::vector<Column<R>> kColumns = {
      column<&R::kernel, R>("kernel", "1", "row of /kernels", 0, kMost, Target::kKernels),
      column<&R::range_id, R>("range_id", "1", "row of /ranges: the operator", 0, kMost, Target::kRanges),
      column<&R::batch, R>("batch", "1", "independent products", 1),
      column<&R::m, R>("m", "1", "rows of the product", 1),
      column<&R::n, R>("n", "1", "columns of the product", 1),
      column<&R::k, R>("k", "1", "inner size of the product", 1),
      column<&R::dtype_id, R>("dtype_id", "1", "number format of the operands, row of /names", 0, kMost,
                              Target::kNames)};
  return kColumns;
}

}  // namespace hopsim::trace
