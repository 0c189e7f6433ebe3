// SPDX-License-Identifier: Apache-2.0
#include "trace/import/spool/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "trace/import/names.hpp"
#include "trace/import/spool/cupti_codes.hpp"

namespace hopsim::trace::spool_import {

namespace {

constexpr std::uint32_t kNoId = 0xFFFFFFFF;  // CUPTI_SYNCHRONIZATION_INVALID_VALUE
constexpr std::int64_t kLatestNs = std::int64_t{1} << 61U;
constexpr int kMostClones = 64;

bool timed(std::int64_t start, std::int64_t end) {
  return start > 0 && start < kLatestNs && end >= start && end < kLatestNs;
}

std::int64_t not_negative(std::int32_t value) { return std::max(value, 0); }
std::int64_t limited(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max()));
}
std::int64_t node_id(std::uint64_t node) { return node == spool::kNoGraph ? kNone : limited(node); }

}  // namespace

void Merger::add(const SpoolFile& file) {
  file_ = &file;
  devices_.clear();
  context_device_.clear();
  kernel_names_.clear();
  call_names_.clear();
  stream_offsets_.clear();
  nodes_.clear();
  ranges_by_name_.clear();
  const bool captured = file.has_gpu_work() || !file.calls.empty() || !file.markers.empty();
  process_ = processes_;
  processes_ += captured ? 1 : 0;
  first_kernel_ = draft_.trace.kernels.size();
  add_devices();
  add_kernels();
  add_graph_traces();
  add_memory_ops();
  add_calls();
  add_syncs();
  add_ranges();
  assign_graph_ranges();
  add_overheads();
  add_power();
}

void Merger::add_devices() {
  std::vector<Device>& all = draft_.trace.devices;
  for (const spool::Device& d : file_->devices) {
    const std::string uuid = uuid_text(d.uuid);
    auto found = std::find_if(all.begin(), all.end(), [&](const Device& known) {
      return uuid.empty() || known.uuid.empty() ? known.id == d.id : known.uuid == uuid;
    });
    if (found == all.end()) {
      std::int64_t id = d.id;
      while (std::any_of(all.begin(), all.end(), [&](const Device& known) { return known.id == id; })) {
        ++id;
      }
      found = all.insert(all.end(), Device{id, "", uuid, 0, 0});
    }
    devices_[d.id] = found->id;
    found->name = found->name.empty() ? text(d.name) : found->name;
    found->uuid = found->uuid.empty() ? uuid : found->uuid;
    found->sms = std::max<std::int64_t>(found->sms, d.sms);
    found->memory_bytes = std::max(found->memory_bytes, limited(d.memory_bytes));
  }
  for (const spool::Context& c : file_->contexts) {
    context_device_[c.id] = c.device;
  }
}

std::int64_t Merger::device(std::uint32_t id) const {
  const auto found = devices_.find(id);
  return found != devices_.end() ? found->second : id;
}

std::int64_t Merger::stream(std::uint32_t device_id, std::uint32_t context, std::uint32_t stream) {
  const std::uint64_t key = (std::uint64_t{device_id} << 32U) | context;
  const auto [found, fresh] = stream_offsets_.try_emplace(key, 0);
  if (fresh) {
    found->second = contexts_on_device_[device(device_id)]++ << 32U;
  }
  return stream + found->second;
}

const std::string& Merger::text(std::uint32_t name) const {
  static const std::string kUnknown = "unknown";
  const auto found = file_->names.find(name);
  return found != file_->names.end() ? found->second : kUnknown;
}

std::int64_t Merger::kernel_name(std::uint32_t name) {
  const auto [found, fresh] = kernel_names_.try_emplace(name, 0);
  if (fresh) {
    found->second = draft_.names.id(demangled(text(name)));
  }
  return found->second;
}

std::int64_t Merger::call_name(std::uint32_t name) {
  const auto [found, fresh] = call_names_.try_emplace(name, 0);
  if (fresh) {
    found->second = draft_.names.id(api_name(text(name)));
  }
  return found->second;
}

// Time and place of a device operation; false where the time was not collected.
template <class Op, class Record>
bool Merger::place(const Record& record, Op& op) {
  if (!timed(record.start_ns, record.end_ns)) {
    return false;
  }
  op.start_ns = record.start_ns;
  op.duration_ns = record.end_ns - record.start_ns;
  op.device = device(record.device);
  op.context = own(record.context);
  op.stream = stream(record.device, record.context, record.stream);
  op.correlation = correlation(record.correlation);
  op.graph_id = record.graph == 0 ? kNone : own(record.graph);
  return true;
}

void Merger::add_kernels() {
  draft_.trace.kernels.reserve(first_kernel_ + file_->kernels.size());
  for (const spool::Kernel& record : file_->kernels) {
    Kernel k;
    if (!place(record, k)) {
      ++kernels_without_time_;
      continue;
    }
    k.graph_node = node_id(record.graph_node);
    k.name_id = kernel_name(record.name);
    for (std::size_t i = 0; i < 3; ++i) {
      k.grid[i] = not_negative(record.grid[i]);
      k.block[i] = not_negative(record.block[i]);
    }
    k.registers = record.registers;
    k.static_smem = not_negative(record.static_smem);
    k.dynamic_smem = not_negative(record.dynamic_smem);
    draft_.trace.kernels.push_back(k);
  }
}

void Merger::add_graph_traces() {
  for (const spool::GraphTrace& record : file_->graph_traces) {
    Kernel k;
    if (!place(record, k)) {
      ++kernels_without_time_;
      continue;
    }
    k.name_id = draft_.names.id(fmt::format("cuda graph {}", record.graph));
    draft_.trace.kernels.push_back(k);
    draft_.quality.info("graph_as_one_kernel",
                        "a whole graph launch is one record; capture without --graph-trace to see its nodes");
  }
}

void Merger::add_memory_ops() {
  constexpr std::uint8_t kPageable = 1;  // CUpti_ActivityMemoryKind
  for (const spool::MemoryOp& record : file_->memory_ops) {
    MemoryOp m;
    if (!place(record, m)) {
      draft_.quality.loss("memory_op_without_time", "a copy or memset whose time was not collected");
      continue;
    }
    m.graph_node = node_id(record.graph_node);
    m.kind = memory_kind(record);
    m.bytes = limited(record.bytes);
    m.pageable =
        m.kind != MemoryKind::kSet && (record.source_kind == kPageable || record.target_kind == kPageable);
    draft_.trace.memory_ops.push_back(m);
  }
}

void Merger::add_calls() {
  draft_.trace.calls.reserve(draft_.trace.calls.size() + file_->calls.size());
  for (const spool::ApiCall& c : file_->calls) {
    if (!timed(c.start_ns, c.end_ns)) {
      draft_.quality.loss("call_without_time", "a call that had not returned when the capture ended");
      continue;
    }
    draft_.trace.calls.push_back(
        {c.start_ns, c.end_ns - c.start_ns, own(c.thread), correlation(c.correlation), call_name(c.name)});
  }
}

void Merger::add_syncs() {
  static constexpr std::array kKinds = {SyncKind::kEvent, SyncKind::kStreamWaitEvent, SyncKind::kStream,
                                        SyncKind::kDevice};  // CUpti_ActivitySynchronizationType 1 to 4
  for (const spool::Sync& record : file_->syncs) {
    if (record.type < 1 || record.type > kKinds.size() || !timed(record.start_ns, record.end_ns)) {
      draft_.quality.loss("sync_of_unknown_kind", "a synchronisation record whose kind or time is not known");
      continue;
    }
    Sync s;
    s.start_ns = record.start_ns;
    s.duration_ns = record.end_ns - record.start_ns;
    s.kind = kKinds[record.type - 1];
    s.context = record.context == kNoId ? kNone : own(record.context);
    s.device = kNone;
    if (const auto found = context_device_.find(record.context); found != context_device_.end()) {
      const auto local = static_cast<std::uint32_t>(found->second);
      s.device = device(local);
      s.stream = record.stream == kNoId ? kNone : stream(local, record.context, record.stream);
    }
    s.event_id = record.event == kNoId || s.kind == SyncKind::kDevice ? kNone : own(record.event);
    s.correlation = correlation(record.correlation);
    draft_.trace.syncs.push_back(s);
  }
}

void Merger::add_ranges() {
  std::int64_t last = 0;
  const auto later = [&](std::int64_t t) { last = t < kLatestNs ? std::max(last, t) : last; };
  for (const spool::Kernel& k : file_->kernels) {
    later(k.end_ns);
  }
  for (const spool::ApiCall& c : file_->calls) {
    later(c.end_ns);
  }
  for (const spool::Marker& m : file_->markers) {
    later(m.time_ns);
  }
  const MarkedRanges marked = pair_markers(file_->markers, last);
  for (const MarkedRange& r : marked.ranges) {
    if (!timed(r.start_ns, r.end_ns)) {
      draft_.quality.loss("range_without_time", "a range whose time was not collected");
      continue;
    }
    ranges_by_name_[r.name].push_back({r.start_ns, static_cast<std::int64_t>(draft_.trace.ranges.size())});
    add_nvtx_range(draft_, r.start_ns, r.end_ns, own(r.thread), text(r.name));
  }
  draft_.quality.info("range_unclosed", "a range that was open when the capture ended; it ends there",
                      marked.unclosed);
  draft_.quality.info("range_unopened", "a range that was open before the capture began", marked.unopened);
  draft_.quality.info("not_imported_nvtx", "marks without length", marked.instants);
}

// The range that was open when a node was captured, as the name of a range. Of a clone, that of its origin.
std::uint32_t Merger::captured_range(std::uint64_t node) const {
  std::uint32_t out = spool::kNoName;
  auto found = nodes_.find(node);
  for (int i = 0; i < kMostClones && found != nodes_.end(); ++i) {
    out = found->second->range_name != spool::kNoName ? found->second->range_name : out;
    found = found->second->original == spool::kNoGraph ? nodes_.end() : nodes_.find(found->second->original);
  }
  return out;
}

// A graph's kernels belong to the ranges that were open at its capture: the latest of that name before the
// graph first ran.
void Merger::assign_graph_ranges() {
  if (file_->graph_nodes.empty()) {
    return;
  }
  for (const spool::GraphNode& node : file_->graph_nodes) {
    nodes_[node.node] = &node;
  }
  std::unordered_map<std::int64_t, std::int64_t> first_run;
  std::vector<Kernel>& kernels = draft_.trace.kernels;
  for (std::size_t i = first_kernel_; i < kernels.size(); ++i) {
    if (kernels[i].graph_id != kNone) {
      std::int64_t& first = first_run.try_emplace(kernels[i].graph_id, kernels[i].start_ns).first->second;
      first = std::min(first, kernels[i].start_ns);
    }
  }
  for (std::size_t i = first_kernel_; i < kernels.size(); ++i) {
    Kernel& k = kernels[i];
    if (k.graph_id == kNone || k.graph_node == kNone) {
      continue;
    }
    const auto ranges = ranges_by_name_.find(captured_range(static_cast<std::uint64_t>(k.graph_node)));
    if (ranges == ranges_by_name_.end()) {
      continue;
    }
    const std::vector<OpenRange>& list = ranges->second;
    const auto after = std::upper_bound(list.begin(), list.end(), first_run[k.graph_id],
                                        [](std::int64_t t, const OpenRange& r) { return t < r.start_ns; });
    k.range_id = (after == list.begin() ? after : std::prev(after))->index;
    draft_.quality.info("range_from_graph_capture",
                        "a kernel of a CUDA graph: its range is the one that was open at the capture");
  }
}

void Merger::add_overheads() {
  for (const spool::Overhead& o : file_->overheads) {
    if (timed(o.start_ns, o.end_ns)) {
      draft_.trace.overhead.push_back(
          {o.start_ns, o.end_ns - o.start_ns, draft_.names.id(overhead_name(o.kind))});
    } else {
      draft_.quality.loss("overhead_without_time", "a time of the profiler's own that was not collected");
    }
  }
}

void Merger::add_power() {
  for (const spool::Power& p : file_->power) {
    if (!timed(p.t_ns, p.t_ns) || p.device < 0) {
      draft_.quality.loss("power_without_time", "a sample of power without time or device");
      continue;
    }
    draft_.trace.power.push_back(
        {p.t_ns, std::max<std::int64_t>(p.power_mw, kNone), std::max<std::int64_t>(p.sm_mhz, kNone),
         std::max<std::int64_t>(p.memory_mhz, kNone), p.temperature_c, std::max(p.energy_mj, kNone),
         device(static_cast<std::uint32_t>(p.device))});
  }
}

}  // namespace hopsim::trace::spool_import
