// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>

#include "base/errors.hpp"
#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

constexpr double kSkewedShare =
    0.05;  // fewer operations before their launch are wrong joins, not a wrong clock

constexpr std::int64_t kFarOff = 10;

struct Placed {
  Op op;
  std::int64_t device, context, stream, correlation;
};

auto operations_of(const trace::Trace& trace) -> std::vector<Placed> {
  std::vector<Placed> out;
  out.reserve(trace.kernels.size() + trace.memory_ops.size());
  const auto put = [&out](const auto& r, KernelClass cls, bool is_kernel, std::size_t index) {
    if (r.duration_ns < 0) {
      throw InputError(Location{}, "a device operation of the trace ends before it starts",
                       "import it again");
    }
    Op op;
    op.start_ns = r.start_ns;
    op.end_ns = r.start_ns + r.duration_ns;
    op.cls = cls;
    op.is_kernel = is_kernel;
    op.record = index;
    out.push_back({op, r.device, r.context, r.stream, r.correlation});
  };
  for (std::size_t i = 0; i < trace.kernels.size(); ++i) {
    put(trace.kernels[i], trace.kernels[i].cls, true, i);
  }
  for (std::size_t i = 0; i < trace.memory_ops.size(); ++i) {
    const bool is_set = trace.memory_ops[i].kind == trace::MemoryKind::kSet;
    put(trace.memory_ops[i], is_set ? KernelClass::kMemset : KernelClass::kMemcpy, false, i);
  }
  std::stable_sort(out.begin(), out.end(), [](const Placed& a, const Placed& b) {
    return std::tie(a.op.start_ns, a.op.end_ns, a.device, a.stream, a.correlation) <
           std::tie(b.op.start_ns, b.op.end_ns, b.device, b.stream, b.correlation);
  });
  return out;
}

struct Candidate {
  std::size_t call;
  std::int64_t start_ns;  // of the record itself, which may be nested in the call
};

using Launches = std::unordered_map<std::int64_t, std::vector<Candidate>>;

auto launches_of(const Draft& draft) -> Launches {
  Launches out;
  const auto put = [&](std::size_t call, std::size_t record) {
    const trace::ApiCall& r = draft.trace.calls[record];
    if (r.correlation > 0) {
      out[r.correlation].push_back({call, r.start_ns});
    }
  };
  for (std::size_t i = 0; i < draft.program.calls.size(); ++i) {
    put(i, draft.program.calls[i].record);
    for (const std::size_t record : draft.nested[i]) {
      put(i, record);
    }
  }
  return out;
}

// Several processes may use one correlation: then the thread that mostly serves the device, and of its calls
// the latest before the start.
auto choose(const std::vector<Candidate>& all, const Placed& placed, const Draft& draft,
            const std::map<std::pair<std::int64_t, std::size_t>, std::int64_t>& use) -> const Candidate* {
  const Candidate* best = nullptr;
  std::tuple<bool, std::int64_t, std::int64_t> best_rank;
  for (const Candidate& c : all) {
    const auto used = use.find({placed.device, draft.call(c.call).thread});
    const std::tuple<bool, std::int64_t, std::int64_t> rank = {
        c.start_ns <= placed.op.start_ns, used == use.end() ? 0 : used->second, c.start_ns};
    if (best == nullptr || rank > best_rank) {
      best = &c;
      best_rank = rank;
    }
  }
  return best;
}

// A launch record that began after its operation had started is another's (correlations of several processes,
// or used again), unless many do: then the clock is wrong, and only those that lie far off the others are
// wrong joins.
void drop_wrong_joins(Program& program, std::vector<Placed>& placed, const std::vector<std::int64_t>& lead) {
  std::vector<std::int64_t> early;
  std::copy_if(lead.begin(), lead.end(), std::back_inserter(early), [](std::int64_t l) { return l > 0; });
  const bool skewed = static_cast<double>(early.size()) > kSkewedShare * static_cast<double>(placed.size());
  const std::int64_t most = skewed ? kFarOff * quantile(std::move(early), 0.5, 0) : 0;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (lead[i] > most) {
      placed[i].op.call = kNowhere;
      ++program.launches_after_start;
    }
  }
}

void join(Draft& draft, std::vector<Placed>& placed) {
  const Launches launches = launches_of(draft);
  std::map<std::pair<std::int64_t, std::size_t>, std::int64_t> use;
  for (const Placed& p : placed) {
    const auto found = launches.find(p.correlation);
    if (found != launches.end() && found->second.size() == 1) {
      ++use[{p.device, draft.call(found->second.front().call).thread}];
    }
  }
  std::vector<std::int64_t> lead(placed.size(),
                                 0);  // by operation: how long its launch record began after its start
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const auto found = launches.find(placed[i].correlation);
    if (found != launches.end()) {
      draft.program.ambiguous_correlations += found->second.size() > 1 ? 1 : 0;
      const Candidate* launch = choose(found->second, placed[i], draft, use);
      placed[i].op.call = launch->call;
      lead[i] = launch->start_ns - placed[i].op.start_ns;
    }
  }
  drop_wrong_joins(draft.program, placed, lead);
}

// The shifts of a device's clock that the records allow: no operation before its launch (at least `low`), no
// work still running when a device synchronisation has returned (at most `high`).
struct ShiftRange {
  std::int64_t low = std::numeric_limits<std::int64_t>::min() / 4;
  std::int64_t high = std::numeric_limits<std::int64_t>::max() / 4;
};

// By thread: what it launched, by time of launch.
using LaunchedByThread = std::vector<std::vector<std::pair<std::int64_t, const Placed*>>>;

auto launched_by_thread(const Draft& draft, const std::vector<Placed>& placed) -> LaunchedByThread {
  LaunchedByThread out(draft.program.threads.size());
  for (const Placed& p : placed) {
    if (p.op.call != kNowhere) {
      const Call& call = draft.call(p.op.call);
      out[call.thread].emplace_back(call.start_ns, &p);
    }
  }
  for (auto& thread : out) {
    std::stable_sort(thread.begin(), thread.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  return out;
}

// The last operation that the thread of a synchronisation had launched on what it waits for, where that is
// certain: a recorded stream or device, or the only device of the thread.
auto surely_awaited(const Draft& draft, const Call& sync, const trace::Sync* record, bool one_device,
                    const std::vector<std::pair<std::int64_t, const Placed*>>& launched) -> const Placed* {
  constexpr int kLookBack = 256;
  auto at = std::lower_bound(launched.begin(), launched.end(), sync.start_ns,
                             [](const auto& item, std::int64_t t) { return item.first < t; });
  for (int steps = 0; at != launched.begin() && steps < kLookBack; ++steps) {
    --at;
    const Placed& p = *at->second;
    const bool stream_fits =
        sync.kind == CallKind::kDeviceSync || (record != nullptr && record->stream == p.stream);
    const bool device_fits = record != nullptr ? draft.about(*record, p.device, p.context) : one_device;
    if (stream_fits && device_fits) {
      return &p;
    }
  }
  return nullptr;
}

void bound_by_syncs(const Draft& draft, const std::vector<Placed>& placed,
                    std::map<std::int64_t, ShiftRange>& ranges) {
  const LaunchedByThread launched = launched_by_thread(draft, placed);
  std::vector<bool> one_device;
  for (const auto& thread : launched) {
    one_device.push_back(std::all_of(thread.begin(), thread.end(), [&thread](const auto& item) {
      return item.second->device == thread.front().second->device;
    }));
  }
  for (const Call& sync : draft.program.calls) {
    if (sync.kind != CallKind::kDeviceSync && sync.kind != CallKind::kStreamSync) {
      continue;
    }
    if (const Placed* p = surely_awaited(draft, sync, draft.sync_of(sync), one_device[sync.thread],
                                         launched[sync.thread])) {
      ShiftRange& range = ranges[p->device];
      range.high = std::min(range.high, sync.end_ns - p->op.end_ns);
    }
  }
}

void repair_clocks(Draft& draft, std::vector<Placed>& placed) {
  std::map<std::int64_t, ShiftRange> ranges;
  for (const Placed& p : placed) {
    if (p.op.call != kNowhere) {
      ShiftRange& range = ranges[p.device];
      range.low = std::max(range.low, draft.call(p.op.call).start_ns - p.op.start_ns);
    }
  }
  bound_by_syncs(draft, placed, ranges);
  std::map<std::int64_t, std::int64_t> shifts;
  for (const auto& [device, range] : ranges) {
    std::int64_t shift = 0;
    if (range.low > 0) {
      if (range.low > range.high + kClockTick_ns) {
        throw InputError(Location{},
                         "the clock of device " + std::to_string(device) +
                             " does not fit the host's: a shift of " + std::to_string(range.low) +
                             " ns is needed for kernels to start after their launch, and " +
                             std::to_string(range.high) +
                             " ns is the most for them to end before a synchronisation returns",
                         "a capture whose clocks differ by a constant");
      }
      shift = range.low;
    } else if (range.high < 0) {
      shift = std::max(range.low, range.high);
    }
    shifts[device] = shift;
    if (std::abs(shift) > std::abs(draft.program.clock_shift_ns)) {
      draft.program.clock_shift_ns = shift;
    }
  }
  for (Placed& p : placed) {
    const std::int64_t shift = shifts[p.device];
    p.op.start_ns += shift;
    p.op.end_ns += shift;
  }
}

// A shift may move the first record.
void start_at_zero(Program& program, std::vector<Placed>& placed) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (const Call& call : program.calls) {
    first = std::min(first, call.start_ns);
  }
  for (const Placed& p : placed) {
    first = std::min(first, p.op.start_ns);
  }
  for (Call& call : program.calls) {
    call.start_ns -= first;
    call.end_ns -= first;
  }
  for (Placed& p : placed) {
    p.op.start_ns -= first;
    p.op.end_ns -= first;
  }
}

void mark_graph_nodes(Program& program) {
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    if (program.ops[i].call != kNowhere) {
      program.calls[program.ops[i].call].ops.push_back(i);
    }
  }
  for (Call& call : program.calls) {
    for (std::size_t k = 1; k < call.ops.size(); ++k) {
      program.ops[call.ops[k]].graph_node = true;
    }
  }
}

// An operation without a launch enters its stream with the one before it, or before the capture began.
void place_in_streams(Draft& draft) {
  Program& program = draft.program;
  draft.enqueued_ns.assign(program.ops.size(), -1);
  for (std::size_t s = 0; s < program.streams.size(); ++s) {
    std::vector<std::int64_t> ends, enqueued;
    std::int64_t latest = -1;
    std::size_t before = kNowhere;
    for (const std::size_t i : program.streams[s].ops) {
      Op& op = program.ops[i];
      op.before = before;
      before = i;
      if (op.call != kNowhere) {
        latest = std::max(latest, program.calls[op.call].start_ns);
      }
      draft.enqueued_ns[i] = latest;
      enqueued.push_back(latest);
      ends.push_back(ends.empty() ? op.end_ns : std::max(ends.back(), op.end_ns));
    }
    draft.stream_ends.push_back(std::move(ends));
    draft.stream_enqueued.push_back(std::move(enqueued));
  }
}

}  // namespace

void take_operations(Draft& draft) {
  Program& program = draft.program;
  std::vector<Placed> placed = operations_of(draft.trace);
  for (const Placed& p : placed) {
    draft.contexts.insert(p.context);
  }
  join(draft, placed);
  repair_clocks(draft, placed);
  start_at_zero(program, placed);
  std::stable_sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return std::tie(a.op.start_ns, a.op.end_ns) < std::tie(b.op.start_ns, b.op.end_ns);
  });
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::size_t> streams;
  for (Placed& p : placed) {
    const auto [found, is_new] = streams.try_emplace({p.device, p.context, p.stream}, program.streams.size());
    if (is_new) {
      program.streams.push_back({p.device, p.context, p.stream, {}});
    }
    p.op.stream = found->second;
    program.streams[found->second].ops.push_back(program.ops.size());
    program.ops.push_back(p.op);
  }
  mark_graph_nodes(program);
  place_in_streams(draft);
}

}  // namespace hopsim::replay::captured
