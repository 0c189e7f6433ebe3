// SPDX-License-Identifier: Apache-2.0
#include "trace/import/kineto/kineto_import.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/errors.hpp"
#include "trace/import/kineto/event.hpp"
#include "trace/import/kineto/json_stream.hpp"

namespace hopsim::trace::kineto {

namespace {

constexpr std::int64_t kNoStream = 0xFFFFFFFF;  // CUPTI_SYNCHRONIZATION_INVALID_VALUE
constexpr const char* kWanted = "a PyTorch profiler (Kineto) trace: JSON with traceEvents, plain or gzip";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

auto memory_kind(std::string_view name) -> MemoryKind {
  if (contains(name, "HtoD")) {
    return MemoryKind::kCopyHtoD;
  }
  if (contains(name, "DtoH")) {
    return MemoryKind::kCopyDtoH;
  }
  if (contains(name, "DtoD")) {
    return MemoryKind::kCopyDtoD;
  }
  if (contains(name, "HtoH")) {
    return MemoryKind::kCopyHtoH;
  }
  return contains(name, "PtoP") ? MemoryKind::kCopyPtoP : MemoryKind::kCopyOther;
}

auto sync_kind(std::string_view text) -> std::optional<SyncKind> {
  if (contains(text, "Wait Event")) {
    return SyncKind::kStreamWaitEvent;
  }
  if (contains(text, "Record")) {
    return SyncKind::kEventRecord;
  }
  if (contains(text, "Event")) {
    return SyncKind::kEvent;
  }
  if (contains(text, "Stream")) {
    return SyncKind::kStream;
  }
  return contains(text, "Context") || contains(text, "Device") ? std::optional(SyncKind::kDevice)
                                                               : std::nullopt;
}

auto not_negative(const std::optional<std::int64_t>& value) -> std::int64_t {
  return std::max<std::int64_t>(value.value_or(0), 0);
}

auto id_or_none(const std::optional<std::int64_t>& value) -> std::int64_t {
  return value && *value >= 0 && *value < kNoStream ? *value : kNone;
}

class Importer {
 public:
  explicit Importer(const std::string& path) : source_(path), stream_(source_) { draft_.path = path; }

  Draft run() {
    const char first = stream_.peek();
    if (first == '[') {
      read_events();
    } else if (first == '{') {
      read_object();
    } else {
      stream_.fail(first == 0 ? "is empty" : "is no JSON", kWanted);
    }
    if (!seen_events_) {
      throw InputError(Location{draft_.path}, "is JSON without traceEvents", kWanted);
    }
    if (stream_.peek() != 0) {
      stream_.fail("something follows the end of the JSON", kWanted);
    }
    draft_.resolution_ns = fractions_ ? 1 : 1000;
    describe();
    return std::move(draft_);
  }

 private:
  void read_object() {
    stream_.expect('{');
    bool more = !stream_.accept('}');
    while (more) {
      const std::string_view raw = stream_.value();
      if (raw.size() < 2 || raw.front() != '"') {
        stream_.fail("not JSON: a key must be text", kWanted);
      }
      const std::string key(raw.substr(1, raw.size() - 2));
      stream_.expect(':');
      if (key == "traceEvents" && stream_.peek() == '[') {
        read_events();
      } else {
        read_fact(key, stream_.value());
      }
      more = stream_.accept(',');
      if (!more) {
        stream_.expect('}');
      }
    }
  }

  void read_fact(const std::string& key, std::string_view text) {
    if (key == "deviceProperties") {
      for (const DeviceProperties& d : parse_device_properties(text)) {
        draft_.trace.devices.push_back(
            {d.id, d.name, "", std::max<std::int64_t>(d.sms, 0), std::max<std::int64_t>(d.memory_bytes, 0)});
      }
    } else if (key == "distributedInfo") {
      add_attribute("distributed_backend", parse_member(text, "backend"));
      add_attribute("distributed_rank", parse_member(text, "rank"));
      add_attribute("distributed_world_size", parse_member(text, "world_size"));
    } else if (key == "cuda_runtime_version") {
      add_attribute("cuda_runtime", parse_scalar(text));
    } else if (key == "cuda_driver_version") {
      add_attribute("cuda_driver", parse_scalar(text));
    } else if (key == "cupti_version") {
      add_attribute("cupti_runtime", parse_scalar(text));
    } else if (key == "baseTimeNanoseconds") {
      const std::string number = parse_scalar(text);
      std::from_chars(number.data(), number.data() + number.size(), base_ns_);
    }
  }

  void add_attribute(const char* name, const std::string& value) {
    if (!value.empty()) {
      draft_.trace.attributes.emplace_back(name, value);
    }
  }

  void read_events() {
    seen_events_ = true;
    stream_.expect('[');
    bool more = !stream_.accept(']');
    while (more) {
      const std::string_view text = stream_.value();
      if (parser_.parse(text, event_)) {
        take();
      } else {
        draft_.quality.loss("event_not_json", "an event that is no JSON object");
      }
      more = stream_.accept(',');
      if (!more) {
        stream_.expect(']');
      } else if (stream_.accept(']')) {  // some writers leave a comma behind the last event
        more = false;
      }
    }
  }

  void take() {
    switch (event_.category) {
      case Category::kFlow:
      case Category::kMetadata:
        return;
      case Category::kRedundant:
        draft_.quality.info(fmt::format("not_imported_{}", event_.category_text),
                            "events of a kind that says nothing about GPU work");
        return;
      case Category::kUnknown:
        draft_.quality.loss(fmt::format("unknown_category_{}", event_.category_text),
                            "events of a kind that is not known");
        return;
      default:
        break;
    }
    if (event_.phase != 'X') {
      draft_.quality.loss("incomplete_event", "an event that is not of phase X (complete)");
      return;
    }
    if (!event_.start_ns || !event_.duration_ns) {
      draft_.quality.loss("event_without_time", "ts or dur is missing or is no number");
      return;
    }
    fractions_ = fractions_ || *event_.start_ns % 1000 != 0 || *event_.duration_ns % 1000 != 0;
    take_timed();
  }

  void take_timed() {
    Trace& trace = draft_.trace;
    switch (event_.category) {
      case Category::kKernel:
        take_kernel();
        return;
      case Category::kMemcpy:
      case Category::kMemset:
        take_memory_op();
        return;
      case Category::kCall:
        trace.calls.push_back(
            {*event_.start_ns, *event_.duration_ns, thread(), id_or_none(event_.correlation), name()});
        return;
      case Category::kSync:
        take_sync();
        return;
      case Category::kOperator:
      case Category::kAnnotation:
        take_range();
        return;
      case Category::kOverhead:
        trace.overhead.push_back({*event_.start_ns, *event_.duration_ns, name()});
        return;
      default:
        throw InternalError("an event category without a reader");
    }
  }

  // Device and stream are what orders device work; without them it can't be used.
  bool has_place() {
    if (!event_.device || *event_.device < 0 || !event_.stream || *event_.stream < 0) {
      draft_.quality.loss("gpu_event_without_stream", "work on a device whose device or stream is not given");
      return false;
    }
    return true;
  }

  void take_kernel() {
    if (!has_place()) {
      return;
    }
    Kernel k;
    k.start_ns = *event_.start_ns;
    k.duration_ns = *event_.duration_ns;
    k.device = *event_.device;
    k.context = id_or_none(event_.context);
    k.stream = *event_.stream;
    k.correlation = id_or_none(event_.correlation);
    k.graph_id = id_or_none(event_.graph_id);
    k.graph_node = event_.graph_node && *event_.graph_node > 0 ? *event_.graph_node : kNone;
    k.name_id = name();
    k.grid = event_.grid;
    k.block = event_.block;
    k.registers = not_negative(event_.registers);
    k.dynamic_smem = not_negative(event_.shared_memory);  // the trace gives the sum of static and dynamic
    draft_.trace.kernels.push_back(k);
  }

  void take_memory_op() {
    if (!has_place()) {
      return;
    }
    MemoryOp m;
    m.start_ns = *event_.start_ns;
    m.duration_ns = *event_.duration_ns;
    m.device = *event_.device;
    m.context = id_or_none(event_.context);
    m.stream = *event_.stream;
    m.correlation = id_or_none(event_.correlation);
    m.graph_id = id_or_none(event_.graph_id);
    m.graph_node = event_.graph_node && *event_.graph_node > 0 ? *event_.graph_node : kNone;
    m.kind = event_.category == Category::kMemset ? MemoryKind::kSet : memory_kind(event_.name);
    m.bytes = not_negative(event_.bytes);
    m.pageable = contains(event_.name, "Pageable");
    draft_.trace.memory_ops.push_back(m);
  }

  void take_sync() {
    const std::optional<SyncKind> kind = sync_kind(event_.sync_kind.empty() ? event_.name : event_.sync_kind);
    if (!kind) {
      draft_.quality.loss("sync_of_unknown_kind", "a synchronisation record whose kind is not known");
      return;
    }
    Sync s;
    s.start_ns = *event_.start_ns;
    s.duration_ns = *event_.duration_ns;
    s.kind = *kind;
    s.device = id_or_none(event_.device);
    s.context = id_or_none(event_.context);
    s.stream = id_or_none(event_.stream);
    s.event_id = id_or_none(event_.event_id);
    s.correlation = id_or_none(event_.correlation);
    s.waits_for_stream = id_or_none(event_.waits_for_stream);
    s.waits_for_correlation = id_or_none(event_.waits_for_correlation);
    draft_.trace.syncs.push_back(s);
  }

  void take_range() {
    Range range;
    range.start_ns = *event_.start_ns;
    range.duration_ns = *event_.duration_ns;
    range.name_id = name();
    range.thread = thread();
    range.kind = event_.category == Category::kAnnotation ? RangeKind::kAnnotation : RangeKind::kOperator;
    draft_.trace.ranges.push_back(range);
    draft_.range_shape.push_back(kNone);
    if (const std::optional<GemmShape> shape = gemm_shape(event_.name, event_.dims)) {
      draft_.range_shape.back() = static_cast<std::int64_t>(draft_.operator_shapes.size());
      draft_.operator_shapes.push_back({*shape, event_.dtype});
    }
  }

  std::int64_t name() { return draft_.names.id(event_.name); }

  // Threads are numbers, or text that becomes one: -2, -3 ... in the order of appearance.
  std::int64_t thread() {
    return event_.thread_id ? *event_.thread_id : -2 - thread_names_.id(event_.thread);
  }

  void describe() {
    Trace& trace = draft_.trace;
    add_attribute("provenance", "measured");
    add_attribute("source_format", "kineto-json");
    add_attribute("input_bytes", std::to_string(source_.bytes()));
    const std::int64_t device = trace.kernels.empty() ? 0 : trace.kernels.front().device;
    std::string gpu = "unknown";
    for (const Device& d : trace.devices) {
      gpu = d.id == device && !d.name.empty() ? d.name : gpu;
    }
    add_attribute("gpu", gpu);
    std::int64_t first = trace.kernels.empty() ? 0 : trace.kernels.front().start_ns;
    constexpr std::int64_t kYear2015Ns = 1'420'070'400'000'000'000;
    first += base_ns_;
    if (first > kYear2015Ns) {
      add_attribute("utc", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                                       fmt::gmtime(static_cast<std::time_t>(first / 1'000'000'000))));
    }
  }

  io::GzipSource source_;
  JsonStream stream_;
  EventParser parser_;
  Event event_;
  Draft draft_;
  Names thread_names_;
  bool seen_events_ = false, fractions_ = false;
  std::int64_t base_ns_ = 0;
};

}  // namespace

Draft read_kineto(const std::string& path) { return Importer(path).run(); }

}  // namespace hopsim::trace::kineto
