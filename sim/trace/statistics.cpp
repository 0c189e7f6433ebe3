// SPDX-License-Identifier: Apache-2.0
#include "trace/statistics.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>

namespace hopsim::trace {

namespace {

constexpr double kNs = 1e-9;
constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();

// One operation on a device with the time from which it was queued.
struct Work {
  std::int64_t device = 0, stream = 0;
  std::int64_t start = 0, end = 0;
  std::int64_t call_start = kNone, call_end = kNone;  // kNone: no call
  std::int64_t name_id = kNone;                       // of a kernel
  KernelClass cls = KernelClass::kOther;

  // The call may return after the work has begun; from then on it counts as running.
  [[nodiscard]] std::int64_t queued() const { return call_end == kNone ? start : std::min(call_end, start); }
};

using Calls = std::unordered_map<std::int64_t, const ApiCall*>;

auto index_calls(const Trace& trace) -> Calls {
  Calls out;
  for (const ApiCall& call : trace.calls) {
    if (call.correlation != kNone) {
      out.emplace(call.correlation, &call);
    }
  }
  return out;
}

template <class Op>
auto work_of(const Op& op, const Calls& calls) -> Work {
  Work w;
  w.device = op.device;
  w.stream = op.stream;
  w.start = op.start_ns;
  w.end = op.start_ns + op.duration_ns;
  const auto call = calls.find(op.correlation);
  if (op.correlation != kNone && call != calls.end()) {
    w.call_start = call->second->start_ns;
    w.call_end = call->second->start_ns + call->second->duration_ns;
  }
  return w;
}

// All device operations by start.
auto all_work(const Trace& trace, const Calls& calls) -> std::vector<Work> {
  std::vector<Work> out;
  out.reserve(trace.kernels.size() + trace.memory_ops.size());
  for (const Kernel& k : trace.kernels) {
    out.push_back(work_of(k, calls));
    out.back().name_id = k.name_id;
    out.back().cls = k.cls;
  }
  for (const MemoryOp& m : trace.memory_ops) {
    out.push_back(work_of(m, calls));
    out.back().cls = m.kind == MemoryKind::kSet ? KernelClass::kMemset : KernelClass::kMemcpy;
  }
  std::stable_sort(out.begin(), out.end(), [](const Work& a, const Work& b) { return a.start < b.start; });
  return out;
}

using Intervals = std::vector<std::pair<std::int64_t, std::int64_t>>;

// Length of the union, which `intervals` become.
auto unite(Intervals& intervals) -> std::int64_t {
  std::sort(intervals.begin(), intervals.end());
  Intervals out;
  std::int64_t total = 0;
  for (const auto& [begin, end] : intervals) {
    if (!out.empty() && begin <= out.back().second) {
      out.back().second = std::max(out.back().second, end);
    } else {
      out.emplace_back(begin, end);
    }
  }
  for (const auto& [begin, end] : out) {
    total += end - begin;
  }
  intervals = std::move(out);
  return total;
}

auto overlap(const Intervals& a, const Intervals& b) -> std::int64_t {
  std::int64_t total = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    total += std::max<std::int64_t>(0, std::min(a[i].second, b[j].second) - std::max(a[i].first, b[j].first));
    if (a[i].second < b[j].second) {
      ++i;
    } else {
      ++j;
    }
  }
  return total;
}

void add_span(const Trace& trace, const std::vector<Work>& work, Statistics& out, std::int64_t& span) {
  std::int64_t first = kFar, last = 0;
  for (const Work& w : work) {
    first = std::min(first, w.start);
    last = std::max(last, w.end);
  }
  for (const ApiCall& call : trace.calls) {
    first = std::min(first, call.start_ns);
    last = std::max(last, call.start_ns + call.duration_ns);
  }
  span = std::max<std::int64_t>(last - std::min(first, last), 0);
  out.span_s = static_cast<double>(span) * kNs;
}

void add_devices(const std::vector<Work>& work, std::int64_t span, Statistics& out) {
  struct Lists {
    Intervals busy, occupied, casting, not_casting;
  };
  std::map<std::int64_t, Lists> devices;
  for (const Work& w : work) {
    Lists& lists = devices[w.device];
    lists.busy.emplace_back(w.start, w.end);
    lists.occupied.emplace_back(w.queued(), w.end);
    (is_casting(w.cls) ? lists.casting : lists.not_casting).emplace_back(w.start, w.end);
  }
  std::int64_t busy = 0, occupied = 0, both = 0;
  for (auto& [ignored, lists] : devices) {
    busy += unite(lists.busy);
    occupied += unite(lists.occupied);
    unite(lists.casting);
    unite(lists.not_casting);
    both += overlap(lists.casting, lists.not_casting);
  }
  out.devices = static_cast<std::int64_t>(devices.size());
  const double share = devices.empty() ? 0 : 1.0 / static_cast<double>(devices.size());
  out.busy_s = static_cast<double>(busy) * share * kNs;
  out.idle_s = std::max(out.span_s - out.busy_s, 0.0);
  out.casting_overlap_s = static_cast<double>(both) * kNs;
  if (span > 0) {
    out.host_bound_fraction =
        std::clamp(1 - static_cast<double>(occupied) * share / static_cast<double>(span), 0.0, 1.0);
  }
}

void add_kinds(const Trace& trace, const std::vector<Work>& work, Statistics& out) {
  struct Group {
    std::vector<std::int64_t> times;
    std::int64_t gap = 0;
  };
  std::map<std::pair<std::int64_t, KernelClass>, Group> kernels;
  std::map<KernelClass, ClassSummary> classes;
  std::map<std::pair<std::int64_t, std::int64_t>, std::pair<std::int64_t, StreamSummary>>
      streams;  // with the last end
  std::int64_t total = 0, other = 0, casting = 0;
  for (const Work& w : work) {
    auto& [last, stream] =
        streams.try_emplace({w.device, w.stream}, w.start, StreamSummary{w.device, w.stream, 0, 0})
            .first->second;
    const std::int64_t gap = std::max<std::int64_t>(w.start - last, 0);
    stream.busy_s += static_cast<double>(std::max<std::int64_t>(w.end - std::max(w.start, last), 0)) * kNs;
    ++stream.n;
    last = std::max(last, w.end);
    ClassSummary& cls = classes.try_emplace(w.cls, ClassSummary{w.cls, 0, 0, 0}).first->second;
    ++cls.n;
    cls.time_s += static_cast<double>(w.end - w.start) * kNs;
    cls.gap_s += static_cast<double>(gap) * kNs;
    if (w.name_id == kNone) {
      continue;
    }
    Group& group = kernels[{w.name_id, w.cls}];
    group.times.push_back(w.end - w.start);
    group.gap += gap;
    total += w.end - w.start;
    other += w.cls == KernelClass::kOther ? w.end - w.start : 0;
    casting += is_casting(w.cls) ? w.end - w.start : 0;
  }
  for (auto& [key, group] : kernels) {
    out.kernels.push_back({trace.names[static_cast<std::size_t>(key.first)], key.second,
                           distribution(std::move(group.times)), static_cast<double>(group.gap) * kNs});
  }
  std::stable_sort(
      out.kernels.begin(), out.kernels.end(),
      [](const KernelSummary& a, const KernelSummary& b) { return a.time.total_us > b.time.total_us; });
  for (const auto& [ignored, cls] : classes) {
    out.classes.push_back(cls);
  }
  std::stable_sort(out.classes.begin(), out.classes.end(),
                   [](const ClassSummary& a, const ClassSummary& b) { return a.time_s > b.time_s; });
  for (const auto& [ignored, stream] : streams) {
    out.streams.push_back(stream.second);
  }
  out.kernel_s = static_cast<double>(total) * kNs;
  out.other_share = total > 0 ? static_cast<double>(other) / static_cast<double>(total) : 0;
  out.cor_kernel = total > casting ? static_cast<double>(casting) / static_cast<double>(total - casting) : 0;
}

void add_host(const Trace& trace, const std::vector<Work>& work, Statistics& out) {
  std::vector<std::int64_t> latency, period;
  std::set<std::int64_t> launching;
  for (const Kernel& k : trace.kernels) {
    launching.insert(k.correlation);
  }
  for (const MemoryOp& m : trace.memory_ops) {
    launching.insert(m.correlation);
  }
  for (const Work& w : work) {
    if (w.call_start != kNone && w.name_id != kNone) {
      latency.push_back(w.start - w.call_start);
    }
  }
  struct Group {
    std::vector<std::int64_t> times;
    std::int64_t launches = 0;
  };
  std::map<std::int64_t, Group> calls;
  std::map<std::int64_t, std::int64_t> last;  // by thread: start of its last launching call
  for (const ApiCall& call : trace.calls) {
    Group& group = calls[call.api_id];
    group.times.push_back(call.duration_ns);
    if (call.correlation == kNone || !launching.contains(call.correlation)) {
      continue;
    }
    ++group.launches;
    const auto [previous, first] = last.try_emplace(call.thread, call.start_ns);
    if (!first) {
      period.push_back(call.start_ns - previous->second);
      previous->second = call.start_ns;
    }
  }
  for (auto& [api, group] : calls) {
    out.calls.push_back(
        {trace.names[static_cast<std::size_t>(api)], distribution(std::move(group.times)), group.launches});
  }
  std::stable_sort(out.calls.begin(), out.calls.end(), [](const ApiSummary& a, const ApiSummary& b) {
    return a.time.total_us > b.time.total_us;
  });
  out.launch_to_start = distribution(std::move(latency));
  out.host_period = distribution(std::move(period));
}

// Operations that are launched and have not started.
void add_queue(const std::vector<Work>& work, std::int64_t span, Statistics& out) {
  std::vector<std::pair<std::int64_t, int>> events;
  double waiting = 0;
  for (const Work& w : work) {
    if (w.start > w.queued()) {
      events.emplace_back(w.queued(), 1);
      events.emplace_back(w.start, -1);
      waiting += static_cast<double>(w.start - w.queued());
    }
  }
  std::sort(events.begin(), events.end());
  std::int64_t depth = 0;
  for (const auto& [ignored, change] : events) {
    depth += change;
    out.queue_depth_max = std::max(out.queue_depth_max, depth);
  }
  out.queue_depth_mean = span > 0 ? waiting / static_cast<double>(span) : 0;
}

}  // namespace

Distribution distribution(std::vector<std::int64_t> times_ns) {
  Distribution out;
  if (times_ns.empty()) {
    return out;
  }
  std::sort(times_ns.begin(), times_ns.end());
  const auto us = [&](std::size_t i) { return static_cast<double>(times_ns[i]) * 1e-3; };
  const std::size_t n = times_ns.size();
  for (const std::int64_t t : times_ns) {
    out.total_us += static_cast<double>(t) * 1e-3;
  }
  out.n = static_cast<std::int64_t>(n);
  out.min_us = us(0);
  out.max_us = us(n - 1);
  out.median_us = n % 2 == 1 ? us(n / 2) : 0.5 * (us(n / 2 - 1) + us(n / 2));
  out.p90_us = us(std::min(n - 1, n * 9 / 10));
  return out;
}

Statistics summarise(const Trace& trace) {
  Statistics out;
  const Calls calls = index_calls(trace);
  const std::vector<Work> work = all_work(trace, calls);
  std::int64_t span = 0;
  add_span(trace, work, out, span);
  add_devices(work, span, out);
  add_kinds(trace, work, out);
  add_host(trace, work, out);
  add_queue(work, span, out);
  return out;
}

std::string attribute(const Trace& trace, const std::string& name) {
  for (const auto& [key, value] : trace.attributes) {
    if (key == name) {
      return value;
    }
  }
  return "unknown";
}

}  // namespace hopsim::trace
