// SPDX-License-Identifier: Apache-2.0
#include "trace/draft.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "base/errors.hpp"
#include "trace/clock_skew.hpp"

namespace hopsim::trace {

namespace {

constexpr std::int64_t kLatestNs = std::int64_t{1} << 61U;  // the year 2043, and sums of two still fit

// Whether a record has a time that can be; counts it where not.
template <class R>
bool has_time(const R& record, const char* kind, Quality& quality) {
  if (record.start_ns == 0) {
    quality.loss(std::string("zero_timestamp_") + kind, "its start is 0: the profiler never got it");
    return false;
  }
  if (record.duration_ns < 0) {
    quality.loss(std::string("end_before_start_") + kind, "it ends before it starts");
    return false;
  }
  if (record.start_ns > kLatestNs || record.start_ns < -kLatestNs || record.duration_ns > kLatestNs) {
    quality.loss(std::string("impossible_time_") + kind, "its time is out of any range");
    return false;
  }
  return true;
}

template <class R>
void drop_without_time(std::vector<R>& records, const char* kind, Quality& quality) {
  std::erase_if(records, [&](const R& r) { return !has_time(r, kind, quality); });
}

// Captures are in order, or nearly so; records are large, so their numbers are sorted, not they.
template <class R, class Key>
void sort_records(std::vector<R>& records, Key key) {
  const auto less = [&](const R& a, const R& b) { return key(a) < key(b); };
  if (std::is_sorted(records.begin(), records.end(), less)) {
    return;
  }
  std::vector<std::size_t> order(records.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return less(records[a], records[b]); });
  std::vector<R> sorted;
  sorted.reserve(records.size());
  for (const std::size_t i : order) {
    sorted.push_back(records[i]);
  }
  records = std::move(sorted);
}

template <class R, class Key>
void sort_unique(std::vector<R>& records, const char* kind, Quality& quality, Key key) {
  sort_records(records, key);
  const auto end =
      std::unique(records.begin(), records.end(), [&](const R& a, const R& b) { return key(a) == key(b); });
  quality.loss(std::string("duplicate_") + kind, "the same record twice; one is kept", records.end() - end);
  records.erase(end, records.end());
}

auto key_of(const Kernel& k) {
  return std::tuple(k.start_ns, k.device, k.stream, k.correlation, k.duration_ns, k.name_id, k.graph_node);
}
auto key_of(const ApiCall& c) {
  return std::tuple(c.start_ns, c.thread, -c.duration_ns, c.correlation, c.api_id);
}
auto key_of(const MemoryOp& m) {
  return std::tuple(m.start_ns, m.device, m.stream, m.correlation, m.duration_ns, m.kind, m.bytes,
                    m.graph_node);
}
auto key_of(const Sync& s) {
  return std::tuple(s.start_ns, s.device, s.stream, s.correlation, s.duration_ns, s.kind, s.event_id);
}

// Ranges and what belongs to each of them, in the order of time, parents before children. Kernels whose range
// the importer knows follow it.
void sort_ranges(Draft& draft) {
  std::vector<Range>& ranges = draft.trace.ranges;
  draft.range_shape.resize(ranges.size(), kNone);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (has_time(ranges[i], "range", draft.quality)) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](const Range& r) { return std::tuple(r.start_ns, -r.duration_ns, r.thread); };
    return key(ranges[a]) < key(ranges[b]);
  });
  std::vector<Range> sorted;
  std::vector<std::int64_t> shapes;
  sorted.reserve(order.size());
  for (const std::size_t i : order) {
    sorted.push_back(ranges[i]);
    shapes.push_back(draft.range_shape[i]);
  }
  std::vector<std::int64_t> moved(ranges.size(), kNone);
  for (std::size_t i = 0; i < order.size(); ++i) {
    moved[order[i]] = static_cast<std::int64_t>(i);
  }
  for (Kernel& k : draft.trace.kernels) {
    k.range_id = k.range_id == kNone ? kNone : moved[static_cast<std::size_t>(k.range_id)];
  }
  ranges = std::move(sorted);
  draft.range_shape = std::move(shapes);
}

// Parents of ranges, and the innermost range around each call. Both lists are sorted; a thread's ranges nest,
// up to the resolution of the clock.
auto nest(Trace& trace) -> std::vector<std::int64_t> {
  std::map<std::int64_t, std::vector<std::int64_t>> open;  // by thread
  std::vector<std::int64_t> around(trace.calls.size(), kNone);
  const auto innermost = [&](std::int64_t thread, std::int64_t t) {
    std::vector<std::int64_t>& stack = open[thread];
    while (!stack.empty()) {
      const Range& top = trace.ranges[static_cast<std::size_t>(stack.back())];
      if (top.start_ns + top.duration_ns > t) {
        return stack.back();
      }
      stack.pop_back();
    }
    return kNone;
  };
  std::size_t r = 0;
  for (std::size_t c = 0; c <= trace.calls.size(); ++c) {
    const bool last = c == trace.calls.size();
    for (; r < trace.ranges.size() && (last || trace.ranges[r].start_ns <= trace.calls[c].start_ns); ++r) {
      Range& range = trace.ranges[r];
      range.parent = innermost(range.thread, range.start_ns);
      open[range.thread].push_back(static_cast<std::int64_t>(r));
    }
    if (!last) {
      around[c] = innermost(trace.calls[c].thread, trace.calls[c].start_ns);
    }
  }
  return around;
}

// Index of the call that has a correlation.
using CallIndex = std::unordered_map<std::int64_t, std::size_t>;

auto index_calls(const Trace& trace, Quality& quality) -> CallIndex {
  CallIndex out;
  out.reserve(trace.calls.size());
  for (std::size_t i = 0; i < trace.calls.size(); ++i) {
    const std::int64_t correlation = trace.calls[i].correlation;
    if (correlation != kNone && !out.emplace(correlation, i).second) {
      quality.info("duplicate_correlation",
                   "several calls have the same correlation; the first one launches");
    }
  }
  return out;
}

// Operations of one launch on a device, over kernels and memory operations.
void mark_graphs(Trace& trace, const CallIndex& calls, const std::vector<std::string>& names,
                 Quality& quality) {
  std::unordered_map<std::int64_t, int> uses;  // of correlations without a call
  const auto count = [&](const auto& operations) {
    for (const auto& op : operations) {
      if (!calls.contains(op.correlation)) {
        ++uses[op.correlation];
      }
    }
  };
  count(trace.kernels);
  count(trace.memory_ops);
  const auto mark = [&](auto& operations) {
    for (auto& op : operations) {
      if (op.correlation == kNone || op.graph_id != kNone) {
        continue;
      }
      const auto call = calls.find(op.correlation);
      const bool graph = call == calls.end()
                             ? uses[op.correlation] > 1
                             : names[static_cast<std::size_t>(trace.calls[call->second].api_id)].find(
                                   "GraphLaunch") != std::string::npos;
      if (graph) {
        op.graph_id = op.correlation;
        quality.info("graph_id_derived",
                     "belongs to a CUDA graph launch without a graph id; it takes its correlation");
      }
    }
  };
  mark(trace.kernels);
  mark(trace.memory_ops);
}

void join_kernels(Trace& trace, const CallIndex& calls, const std::vector<std::int64_t>& around,
                  Quality& quality) {
  for (Kernel& k : trace.kernels) {
    const auto call = calls.find(k.correlation);
    if (k.correlation == kNone || call == calls.end()) {
      quality.info("kernel_without_launch",
                   "no call of the capture has its correlation: launched before it began");
    } else if (k.range_id == kNone) {
      k.range_id = around[call->second];
    }
    if (k.duration_ns == 0) {
      quality.info("zero_length_kernel", "shorter than the resolution of the clock");
    }
  }
  for (const MemoryOp& m : trace.memory_ops) {
    if (m.correlation == kNone || !calls.contains(m.correlation)) {
      quality.info("memory_op_without_call", "no call of the capture has its correlation");
    }
  }
}

// The name is looked at once for each amount of shared memory that occurs with it.
void classify(Trace& trace, const std::vector<std::string>& names, const KernelClasses& classes) {
  std::map<std::pair<std::int64_t, std::int64_t>, KernelClass> known;
  for (Kernel& k : trace.kernels) {
    const std::int64_t shared = k.static_smem + k.dynamic_smem;
    const auto [found, fresh] = known.try_emplace({k.name_id, shared});
    if (fresh) {
      found->second = classes.classify(names[static_cast<std::size_t>(k.name_id)], shared);
    }
    k.cls = found->second;
  }
}

// A product's kernels are those launched within its operator; the innermost operator that has sizes counts.
void attach_shapes(Draft& draft) {
  Trace& trace = draft.trace;
  for (std::size_t i = 0; i < trace.kernels.size(); ++i) {
    const Kernel& k = trace.kernels[i];
    if (k.cls != KernelClass::kGemm && k.cls != KernelClass::kGemv && k.cls != KernelClass::kLmHead) {
      continue;
    }
    std::int64_t range = k.range_id;
    while (range != kNone && draft.range_shape[static_cast<std::size_t>(range)] == kNone) {
      range = trace.ranges[static_cast<std::size_t>(range)].parent;
    }
    if (range != kNone) {
      const auto index = static_cast<std::size_t>(draft.range_shape[static_cast<std::size_t>(range)]);
      const auto& [shape, dtype] = draft.operator_shapes[index];
      trace.shapes.push_back({static_cast<std::int64_t>(i), range, shape.batch, shape.m, shape.n, shape.k,
                              draft.names.id(dtype.empty() ? "unknown" : dtype)});
    }
  }
}

template <class R>
void earliest(const std::vector<R>& records, std::int64_t& out) {
  for (const R& r : records) {
    out = std::min(out, r.start_ns);
  }
}

void start_at_zero(Trace& trace) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  earliest(trace.kernels, first);
  earliest(trace.calls, first);
  earliest(trace.memory_ops, first);
  earliest(trace.syncs, first);
  earliest(trace.ranges, first);
  earliest(trace.overhead, first);
  const auto shift = [&](auto& records) {
    for (auto& r : records) {
      r.start_ns -= first;
    }
  };
  shift(trace.kernels);
  shift(trace.calls);
  shift(trace.memory_ops);
  shift(trace.syncs);
  shift(trace.ranges);
  shift(trace.overhead);
  for (PowerSample& sample : trace.power) {
    sample.t_ns -= first;
  }
}

// Every device that has work is in the list.
void complete_devices(Trace& trace) {
  const auto need = [&](std::int64_t id) {
    if (std::none_of(trace.devices.begin(), trace.devices.end(),
                     [&](const Device& d) { return d.id == id; })) {
      trace.devices.push_back({id, "unknown", "", 0, 0});
    }
  };
  for (const Kernel& k : trace.kernels) {
    need(k.device);
  }
  for (const MemoryOp& m : trace.memory_ops) {
    need(m.device);
  }
  std::sort(trace.devices.begin(), trace.devices.end(),
            [](const Device& a, const Device& b) { return a.id < b.id; });
}

void count_overlaps(const Trace& trace, Quality& quality) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> ends;
  for (const Kernel& k : trace.kernels) {
    std::int64_t& end = ends.try_emplace({k.device, k.stream}, k.start_ns).first->second;
    if (k.start_ns < end) {
      quality.info("overlap_in_stream",
                   "starts before the last kernel of its stream ends: rounding, a graph's branches, or "
                   "programmatic launch");
    }
    end = std::max(end, k.start_ns + k.duration_ns);
  }
}

}  // namespace

Trace finish(Draft draft, const KernelClasses& classes) {
  Trace& trace = draft.trace;
  Quality& quality = draft.quality;
  drop_without_time(trace.kernels, "kernel", quality);
  drop_without_time(trace.calls, "call", quality);
  drop_without_time(trace.memory_ops, "memory_op", quality);
  drop_without_time(trace.syncs, "sync", quality);
  drop_without_time(trace.overhead, "overhead", quality);
  if (trace.kernels.empty() && trace.memory_ops.empty()) {
    throw InputError(
        Location{draft.path}, "holds no kernel and no copy of a GPU that could be used",
        "a capture with CUDA activity (torch.profiler with ProfilerActivity.CUDA, nsys profile -t cuda)");
  }
  correct_clocks(trace, quality, draft.path);
  const auto key = [](const auto& r) { return key_of(r); };
  sort_unique(trace.kernels, "kernel", quality, key);
  sort_unique(trace.calls, "call", quality, key);
  sort_unique(trace.memory_ops, "memory_op", quality, key);
  sort_unique(trace.syncs, "sync", quality, key);
  sort_ranges(draft);
  start_at_zero(trace);
  std::sort(trace.overhead.begin(), trace.overhead.end(), [](const Overhead& a, const Overhead& b) {
    return std::tuple(a.start_ns, a.duration_ns, a.kind) < std::tuple(b.start_ns, b.duration_ns, b.kind);
  });
  const std::vector<std::string> names = draft.names.texts();
  const CallIndex calls = index_calls(trace, quality);
  join_kernels(trace, calls, nest(trace), quality);
  mark_graphs(trace, calls, names, quality);
  classify(trace, names, classes);
  attach_shapes(draft);
  complete_devices(trace);
  count_overlaps(trace, quality);
  trace.names = draft.names.texts();
  trace.quality = quality.counts();
  trace.attributes.emplace_back("time_resolution_ns", std::to_string(draft.resolution_ns));
  trace.attributes.emplace_back("dropped_records", std::to_string(dropped_records(trace.quality)));
  std::sort(trace.attributes.begin(), trace.attributes.end());
  return std::move(draft.trace);
}

}  // namespace hopsim::trace
