// SPDX-License-Identifier: Apache-2.0
#include "trace/import/nsys/nsys_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/errors.hpp"
#include "trace/import/names.hpp"
#include "trace/import/nsys/database.hpp"

namespace hopsim::trace::nsys {

namespace {

constexpr std::int64_t kThreadBits = 24;  // a global id is hardware, VM, process (24 bits), thread (24 bits)
constexpr std::int64_t kNoId = 0xFFFFFFFF;
constexpr std::int64_t kPushPopRange = 59;  // ENUM_NSYS_EVENT_TYPE

// ENUM_CUDA_MEMCPY_OPER: CUPTI's codes, and 11 to 13 for moves of unified memory.
auto memory_kind(std::int64_t code) -> MemoryKind {
  switch (code) {
    case 11:
      return MemoryKind::kCopyHtoD;
    case 12:
      return MemoryKind::kCopyDtoH;
    case 13:
      return MemoryKind::kCopyDtoD;
    default:
      return copy_kind(code);
  }
}

auto id_or_none(std::optional<std::int64_t> id) -> std::int64_t {
  return id && *id >= 0 && *id < kNoId ? *id : kNone;
}
auto at_least_zero(std::optional<std::int64_t> value) -> std::int64_t {
  return std::max<std::int64_t>(value.value_or(0), 0);
}

class Importer {
 public:
  explicit Importer(const std::string& path) : database_(path) { draft_.path = path; }

  Draft run() {
    if (!database_.has_table("StringIds")) {
      throw InputError(Location{draft_.path},
                       "is an SQLite file, but no Nsight Systems export (no table StringIds)",
                       "nsys export --type sqlite report.nsys-rep");
    }
    for (Rows rows = database_.select("StringIds", {"id", "value"}); rows.next();) {
      strings_[rows.integer(0).value_or(-1)] = rows.text(1).value_or("");
    }
    read_devices();
    read_calls();
    read_kernels();
    read_graphs();
    read_copies();
    read_sets();
    read_syncs();
    read_ranges();
    read_overhead();
    describe();
    return std::move(draft_);
  }

 private:
  [[nodiscard]] std::string string(std::optional<std::int64_t> id) const {
    const auto found = strings_.find(id.value_or(-1));
    return found != strings_.end() ? found->second : "unknown";
  }

  std::int64_t process_of(std::optional<std::int64_t> global) {
    const std::int64_t process = global.value_or(0) >> kThreadBits;
    return processes_.try_emplace(process, static_cast<std::int64_t>(processes_.size())).first->second;
  }

  std::int64_t correlation(std::optional<std::int64_t> id, std::optional<std::int64_t> global) {
    const std::int64_t own = id_or_none(id);
    return own == kNone ? kNone : own + (process_of(global) << 32U);
  }

  std::int64_t device(std::optional<std::int64_t> id, std::optional<std::int64_t> global) const {
    const std::int64_t process = (global.value_or(0) >> kThreadBits) & ((std::int64_t{1} << kThreadBits) - 1);
    const auto found = gpus_.find({process, id.value_or(0)});
    return found != gpus_.end() ? found->second : at_least_zero(id);
  }

  void read_devices() {
    for (Rows rows = database_.select("TARGET_INFO_GPU", {"id", "name", "uuid", "smCount", "totalMemory"});
         rows.next();) {
      draft_.trace.devices.push_back({rows.integer(0).value_or(0), rows.text(1).value_or("unknown"),
                                      rows.text(2).value_or(""), at_least_zero(rows.integer(3)),
                                      at_least_zero(rows.integer(4))});
    }
    for (Rows rows = database_.select("TARGET_INFO_CUDA_DEVICE", {"pid", "cudaId", "gpuId"}); rows.next();) {
      if (const auto gpu = rows.integer(2); gpu && *gpu >= 0) {
        gpus_[{rows.integer(0).value_or(0), rows.integer(1).value_or(0)}] = *gpu;
      }
    }
  }

  // Fields that all device operations have; the record is unusable where false.
  template <class Op>
  bool place(const Rows& rows, Op& op) {
    const auto start = rows.integer(0), end = rows.integer(1), stream = rows.integer(4),
               process = rows.integer(6);
    if (!start || !end || !rows.integer(2) || !stream || *stream < 0) {
      draft_.quality.loss("gpu_event_without_stream",
                          "work on a device whose time, device or stream is not given");
      return false;
    }
    op.start_ns = *start;
    op.duration_ns = *end - *start;
    op.device = device(rows.integer(2), process);
    op.context = id_or_none(rows.integer(3));
    op.stream = *stream;
    op.correlation = correlation(rows.integer(5), process);
    return true;
  }

  static std::vector<std::string> place_columns(std::vector<std::string> more) {
    std::vector<std::string> out = {"start",    "end",           "deviceId", "contextId",
                                    "streamId", "correlationId", "globalPid"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  void read_kernels() {
    const auto columns = place_columns({"demangledName", "shortName", "registersPerThread", "gridX", "gridY",
                                        "gridZ", "blockX", "blockY", "blockZ", "staticSharedMemory",
                                        "dynamicSharedMemory", "graphNodeId"});
    for (Rows rows = database_.select("CUPTI_ACTIVITY_KIND_KERNEL", columns); rows.next();) {
      Kernel k;
      if (!place(rows, k)) {
        continue;
      }
      k.name_id = draft_.names.id(string(rows.integer(7) ? rows.integer(7) : rows.integer(8)));
      k.registers = at_least_zero(rows.integer(9));
      for (int i = 0; i < 3; ++i) {
        k.grid[static_cast<std::size_t>(i)] = at_least_zero(rows.integer(10 + i));
        k.block[static_cast<std::size_t>(i)] = at_least_zero(rows.integer(13 + i));
      }
      k.static_smem = at_least_zero(rows.integer(16));
      k.dynamic_smem = at_least_zero(rows.integer(17));
      k.graph_node = rows.integer(18).value_or(0) > 0 ? *rows.integer(18) : kNone;
      draft_.trace.kernels.push_back(k);
    }
  }

  // Captured with --cuda-graph-trace=graph: one record for all that a graph launch runs.
  void read_graphs() {
    for (Rows rows = database_.select("CUPTI_ACTIVITY_KIND_GRAPH_TRACE", place_columns({"graphId"}));
         rows.next();) {
      Kernel k;
      if (place(rows, k)) {
        k.graph_id = id_or_none(rows.integer(7));
        k.name_id = draft_.names.id(fmt::format("cuda graph {}", k.graph_id));
        draft_.trace.kernels.push_back(k);
        draft_.quality.info("graph_as_one_kernel",
                            "a whole graph launch is one record; capture with --cuda-graph-trace=node");
      }
    }
  }

  void read_copies() {
    const auto columns = place_columns({"bytes", "copyKind", "srcKind", "dstKind", "graphNodeId"});
    for (Rows rows = database_.select("CUPTI_ACTIVITY_KIND_MEMCPY", columns); rows.next();) {
      MemoryOp m;
      if (!place(rows, m)) {
        continue;
      }
      m.bytes = at_least_zero(rows.integer(7));
      m.kind = memory_kind(rows.integer(8).value_or(0));
      const bool from_pageable =
          rows.integer(9) == 0 && (m.kind == MemoryKind::kCopyHtoD || m.kind == MemoryKind::kCopyHtoH);
      const bool to_pageable =
          rows.integer(10) == 0 && (m.kind == MemoryKind::kCopyDtoH || m.kind == MemoryKind::kCopyHtoH);
      m.pageable = from_pageable || to_pageable;
      m.graph_node = rows.integer(11).value_or(0) > 0 ? *rows.integer(11) : kNone;
      draft_.trace.memory_ops.push_back(m);
    }
  }

  void read_sets() {
    for (Rows rows = database_.select("CUPTI_ACTIVITY_KIND_MEMSET", place_columns({"bytes", "graphNodeId"}));
         rows.next();) {
      MemoryOp m;
      if (place(rows, m)) {
        m.kind = MemoryKind::kSet;
        m.bytes = at_least_zero(rows.integer(7));
        m.graph_node = rows.integer(8).value_or(0) > 0 ? *rows.integer(8) : kNone;
        draft_.trace.memory_ops.push_back(m);
      }
    }
  }

  void read_calls() {
    for (Rows rows = database_.select("CUPTI_ACTIVITY_KIND_RUNTIME",
                                      {"start", "end", "globalTid", "correlationId", "nameId"});
         rows.next();) {
      const auto start = rows.integer(0), end = rows.integer(1), thread = rows.integer(2);
      if (!start || !end) {
        draft_.quality.loss("call_without_time", "a call without start or end");
        continue;
      }
      draft_.trace.calls.push_back({*start, *end - *start, thread.value_or(kNone),
                                    correlation(rows.integer(3), thread),
                                    draft_.names.id(api_name(string(rows.integer(4))))});
    }
  }

  void read_syncs() {
    struct Record {
      std::int64_t stream, correlation;
    };
    std::map<std::pair<std::int64_t, std::int64_t>, Record> recorded;  // by process and eventSyncId
    const std::vector<std::string> event = {"timestamp",     "deviceId",  "contextId", "streamId",
                                            "correlationId", "globalPid", "eventId",   "eventSyncId"};
    for (Rows rows = database_.select("CUPTI_ACTIVITY_KIND_CUDA_EVENT", event); rows.next();) {
      Sync s;
      s.kind = SyncKind::kEventRecord;
      s.start_ns = rows.integer(0).value_or(0);
      s.device = device(rows.integer(1), rows.integer(5));
      s.context = id_or_none(rows.integer(2));
      s.stream = id_or_none(rows.integer(3));
      s.correlation = correlation(rows.integer(4), rows.integer(5));
      s.event_id = id_or_none(rows.integer(6));
      if (const std::int64_t link = id_or_none(rows.integer(7)); link != kNone) {
        recorded[{process_of(rows.integer(5)), link}] = {s.stream, s.correlation};
      }
      if (s.start_ns != 0) {  // 0: the time of completion was not collected, the link above is all there is
        draft_.trace.syncs.push_back(s);
      }
    }
    const std::vector<std::string> columns = {"start",    "end",           "deviceId",  "contextId",
                                              "streamId", "correlationId", "globalPid", "syncType",
                                              "eventId",  "eventSyncId"};
    for (Rows rows = database_.select("CUPTI_ACTIVITY_KIND_SYNCHRONIZATION", columns); rows.next();) {
      const std::int64_t type = rows.integer(7).value_or(0);
      if (type < 1 || type > 4 || !rows.integer(0) || !rows.integer(1)) {
        draft_.quality.loss("sync_of_unknown_kind", "a synchronisation record whose kind is not known");
        continue;
      }
      constexpr std::array kKinds = {SyncKind::kEvent, SyncKind::kStreamWaitEvent, SyncKind::kStream,
                                     SyncKind::kDevice};
      Sync s;
      s.kind = kKinds[static_cast<std::size_t>(type - 1)];
      s.start_ns = *rows.integer(0);
      s.duration_ns = *rows.integer(1) - s.start_ns;
      s.device = device(rows.integer(2), rows.integer(6));
      s.context = id_or_none(rows.integer(3));
      s.stream = id_or_none(rows.integer(4));
      s.correlation = correlation(rows.integer(5), rows.integer(6));
      s.event_id = id_or_none(rows.integer(8));
      const auto found = recorded.find({process_of(rows.integer(6)), id_or_none(rows.integer(9))});
      if (found != recorded.end()) {
        s.waits_for_stream = found->second.stream;
        s.waits_for_correlation = found->second.correlation;
      }
      draft_.trace.syncs.push_back(s);
    }
  }

  void read_ranges() {
    for (Rows rows =
             database_.select("NVTX_EVENTS", {"start", "end", "eventType", "text", "textId", "globalTid"});
         rows.next();) {
      if (rows.integer(2).value_or(kPushPopRange) != kPushPopRange) {
        draft_.quality.info("not_imported_nvtx", "marks, categories and ranges that need not nest");
        continue;
      }
      if (!rows.integer(0) || !rows.integer(1)) {
        draft_.quality.loss("range_without_end", "a range that was open when the capture ended");
        continue;
      }
      add_nvtx_range(draft_, *rows.integer(0), *rows.integer(1), rows.integer(5).value_or(kNone),
                     rows.text(3) ? *rows.text(3) : string(rows.integer(4)));
    }
  }

  void read_overhead() {
    for (Rows rows =
             database_.select("CUPTI_ACTIVITY_KIND_OVERHEAD", {"start", "end", "nameId", "overheadType"});
         rows.next();) {
      if (rows.integer(0) && rows.integer(1)) {
        const std::string name = rows.integer(2)
                                     ? string(rows.integer(2))
                                     : fmt::format("overhead type {}", rows.integer(3).value_or(0));
        draft_.trace.overhead.push_back(
            {*rows.integer(0), *rows.integer(1) - *rows.integer(0), draft_.names.id(name)});
      }
    }
  }

  void describe() {
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) {
        draft_.trace.attributes.emplace_back(name, value);
      }
    };
    add("provenance", "measured");
    add("source_format", "nsys-sqlite");
    add("input_bytes", std::to_string(std::filesystem::file_size(draft_.path)));
    const std::vector<Device>& devices = draft_.trace.devices;
    add("gpu", devices.empty() ? "unknown" : devices.front().name);
    add("gpu_uuid", devices.empty() ? "" : devices.front().uuid);
    for (Rows rows = database_.select("TARGET_INFO_SYSTEM_ENV", {"name", "value"}); rows.next();) {
      const std::string name = rows.text(0).value_or("");
      if (name == "NvDriverVersion") {
        add("driver", rows.text(1).value_or(""));
      } else if (name == "CudaDriverVersion") {
        add("cuda_driver", rows.text(1).value_or(""));
      } else if (name == "CpuDescription") {
        add("host_cpu", rows.text(1).value_or(""));
      }
    }
    std::string command;
    for (Rows rows = database_.select("META_DATA_CAPTURE", {"name", "value"}); rows.next();) {
      const std::string name = rows.text(0).value_or("");
      if (name == "PROCESS_0:COMMAND" || name.starts_with("PROCESS_0:ARGUMENT_")) {
        command += (command.empty() ? "" : " ") + rows.text(1).value_or("");
      }
    }
    add("command", command.substr(0, 4096));
    for (Rows rows = database_.select("META_DATA_EXPORT", {"name", "value"}); rows.next();) {
      if (rows.text(0) == "EXPORT_PRODUCT_VERSION") {
        add("collector_version", "Nsight Systems " + rows.text(1).value_or(""));
      }
    }
    for (Rows rows = database_.select("TARGET_INFO_SESSION_START_TIME", {"utcTime"}); rows.next();) {
      add("utc", rows.text(0).value_or("") + "Z");
    }
  }

  Database database_;
  Draft draft_;
  std::unordered_map<std::int64_t, std::string> strings_;
  std::map<std::int64_t, std::int64_t> processes_;                      // global process -> 0, 1, ...
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> gpus_;  // (process, its device) -> GPU
};

}  // namespace

Draft read_nsys(const std::string& path) { return Importer(path).run(); }

}  // namespace hopsim::trace::nsys
