// SPDX-License-Identifier: Apache-2.0
// Recorded waits of a stream for an event (cudaStreamWaitEvent with a synchronisation record): the next
// operation of the waiting stream starts after the last one that the other stream held when the event was
// recorded there.
#include <algorithm>

#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

struct Calls {
  std::unordered_map<std::int64_t, std::size_t> by_correlation;
  [[nodiscard]] std::size_t find(std::int64_t correlation) const {
    const auto found = by_correlation.find(correlation);
    return found == by_correlation.end() ? kNowhere : found->second;
  }
};

auto stream_index(const Program& program, std::int64_t device, std::int64_t id) -> std::size_t {
  for (std::size_t s = 0; s < program.streams.size(); ++s) {
    if (program.streams[s].device == device && program.streams[s].id == id) {
      return s;
    }
  }
  return kNowhere;
}

// The first operation that enters `stream` after `time_ns`.
auto next_enqueued(const Draft& draft, std::size_t stream, std::int64_t time_ns) -> std::size_t {
  const std::vector<std::int64_t>& times = draft.stream_enqueued[stream];
  const auto after = std::upper_bound(times.begin(), times.end(), time_ns);
  return after == times.end()
             ? kNowhere
             : draft.program.streams[stream].ops[static_cast<std::size_t>(after - times.begin())];
}

}  // namespace

void add_event_waits(Draft& draft) {
  const Program& program = draft.program;
  Calls calls;
  for (std::size_t c = 0; c < program.calls.size(); ++c) {
    calls.by_correlation.emplace(draft.trace.calls[program.calls[c].record].correlation, c);
  }
  for (const trace::Sync& sync : draft.trace.syncs) {
    const std::size_t waiter = calls.find(sync.correlation);
    const std::size_t recorder = calls.find(sync.waits_for_correlation);
    if (sync.kind != trace::SyncKind::kStreamWaitEvent || waiter == kNowhere || recorder == kNowhere) {
      continue;
    }
    const std::size_t on = stream_index(program, sync.device, sync.stream);
    const std::size_t other = stream_index(program, sync.device, sync.waits_for_stream);
    if (on == kNowhere || other == kNowhere || on == other) {
      continue;
    }
    const std::size_t held = next_enqueued(draft, on, draft.call(waiter).start_ns);
    const std::size_t cause = draft.last_enqueued(other, draft.call(recorder).start_ns);
    if (held == kNowhere || cause == kNowhere || draft.op(cause).start_ns >= draft.op(held).start_ns ||
        draft.op(cause).end_ns > draft.op(held).start_ns) {
      continue;  // what the capture shows contradicts the record
    }
    const std::int64_t gap = draft.op(held).start_ns - draft.op(cause).end_ns;
    draft.add(program.op_end(cause), program.op_start(held), 0,
              gap <= draft.usual_start_ns[on] ? gap : program.usual_gap_ns[on], Rule::kEventWait);
  }
}

}  // namespace hopsim::replay::captured
