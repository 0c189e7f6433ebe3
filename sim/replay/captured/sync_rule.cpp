// SPDX-License-Identifier: Apache-2.0
// What a call costs, and what it waits for. A synchronising call lasts until the work that it waits for has
// ended, plus the usual return latency of its API (a mean over the calls that did block); its blocking is a
// result. What it waits for is in a synchronisation record, or found in the capture: the work launched before
// the call that ended during it. Calls that may block without saying so (cudaMalloc, cudaFree, ...) do where
// they lasted far longer than usual and ended right after device work.
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

constexpr std::int64_t kLongWait = 5;
constexpr std::int64_t kSlowestReturn_ns = 100'000;  // beyond it the call waited for something else
constexpr double kPrompt = 0.25;  // quantile of the return latencies; later ones have other reasons
constexpr std::int64_t kLongSync_ns = 50'000;  // no synchronisation with nothing to wait for takes that long

struct Wait {
  std::vector<std::size_t> ops;  // the call returns after all of these
  std::size_t last = kNowhere;   // the one that it returned after in the capture, where it blocked
  bool inferred = false;
};

class SyncRule {
 public:
  explicit SyncRule(Draft& draft) : draft_(draft), program_(draft.program), usual_(usual_call_ns(draft)) {}

  void run();

 private:
  [[nodiscard]] std::int64_t api(std::size_t c) const {
    return draft_.trace.calls[program_.calls[c].record].api_id;
  }
  [[nodiscard]] std::vector<std::size_t> candidates(std::size_t c) const;
  [[nodiscard]] Wait wait_of(std::size_t c) const;
  [[nodiscard]] Wait device_wait(std::size_t c, const std::vector<std::size_t>& ended) const;
  [[nodiscard]] Wait stream_wait(std::size_t c, const std::vector<std::size_t>& ended) const;
  [[nodiscard]] Wait any_wait(std::size_t c) const;
  void note_use();
  void add_own_wait(std::size_t c);
  void add_wait(std::size_t c, const Wait& wait);
  void measure(const std::vector<Wait>& waits);
  [[nodiscard]] bool unexplained(std::size_t c, const Wait& wait) const;

  Draft& draft_;
  Program& program_;
  std::vector<std::int64_t> usual_;
  std::vector<std::size_t> last_stream_;            // by call: the stream that its thread used last
  std::vector<std::vector<bool>> uses_;             // thread, stream
  std::map<std::int64_t, std::int64_t> return_;     // by API: from the end of the work
  std::map<std::int64_t, std::int64_t> unblocked_;  // by API: cost when nothing blocked it
};

void SyncRule::note_use() {
  last_stream_.assign(program_.calls.size(), kNowhere);
  uses_.assign(program_.threads.size(), std::vector<bool>(program_.streams.size(), false));
  for (std::size_t t = 0; t < program_.threads.size(); ++t) {
    std::size_t last = kNowhere;
    for (const std::size_t c : program_.threads[t].calls) {
      for (const std::size_t i : program_.calls[c].ops) {
        uses_[t][draft_.op(i).stream] = true;
      }
      last = program_.calls[c].ops.empty() ? last : draft_.op(program_.calls[c].ops.front()).stream;
      last_stream_[c] = last;
    }
  }
}

// Of each stream, the last operation that had entered it before the call, where it had ended when the call
// returned. Clocks may differ by less than a launch takes.
std::vector<std::size_t> SyncRule::candidates(std::size_t c) const {
  const Call& call = program_.calls[c];
  std::vector<std::size_t> out;
  for (std::size_t s = 0; s < program_.streams.size(); ++s) {
    const std::size_t i = draft_.last_enqueued(s, call.start_ns);
    const std::int64_t clocks = std::max(2 * kClockTick_ns, draft_.usual_start_ns[s] / 2);
    if (i != kNowhere && draft_.op(i).end_ns <= call.end_ns + clocks && draft_.op(i).start_ns < call.end_ns) {
      out.push_back(i);
    }
  }
  return out;
}

Wait SyncRule::device_wait(std::size_t c, const std::vector<std::size_t>& ended) const {
  const trace::Sync* record = draft_.sync_of(program_.calls[c]);
  const bool known = last_stream_[c] != kNowhere;
  Wait out;
  for (const std::size_t i : ended) {
    const Stream& stream = program_.streams[draft_.op(i).stream];
    if (record != nullptr ? draft_.about(*record, stream.device, stream.context)
                          : !known || program_.streams[last_stream_[c]].device == stream.device) {
      out.ops.push_back(i);
    }
  }
  return out;
}

// Of the recorded stream. Of an unrecorded one: the one of this thread's streams whose work ended last during
// the call, else the one that the thread used last.
Wait SyncRule::stream_wait(std::size_t c, const std::vector<std::size_t>& ended) const {
  const Call& call = program_.calls[c];
  const trace::Sync* record = draft_.sync_of(call);
  Wait out;
  std::size_t best = kNowhere;
  std::tuple<bool, std::int64_t> best_rank;
  for (const std::size_t i : ended) {
    const std::size_t s = draft_.op(i).stream;
    const Stream& stream = program_.streams[s];
    if (record != nullptr &&
        !(record->stream == stream.id && draft_.about(*record, stream.device, stream.context))) {
      continue;
    }
    if (record == nullptr && draft_.op(i).end_ns <= call.start_ns && s != last_stream_[c]) {
      continue;
    }
    const std::tuple<bool, std::int64_t> rank = {uses_[call.thread][s], draft_.op(i).end_ns};
    if (best == kNowhere || rank > best_rank) {
      best = i;
      best_rank = rank;
    }
  }
  out.ops.assign(best == kNowhere ? 0 : 1, best);
  return out;
}

// Of an event, or of a call that may block: the work that ended last during the call, on any stream.
Wait SyncRule::any_wait(std::size_t c) const {
  const Call& call = program_.calls[c];
  std::size_t best = kNowhere;
  for (std::size_t s = 0; s < program_.streams.size(); ++s) {
    const std::vector<std::int64_t>& ends = draft_.stream_ends[s];
    const auto ended =
        static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), call.end_ns) - ends.begin());
    const std::vector<std::int64_t>& times = draft_.stream_enqueued[s];
    const auto entered =
        static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), call.start_ns) - times.begin());
    const std::size_t count = std::min(ended, entered);
    if (count == 0) {
      continue;
    }
    const std::size_t i = program_.streams[s].ops[count - 1];
    const Op& op = draft_.op(i);
    if (op.end_ns > call.start_ns && op.end_ns <= call.end_ns && op.start_ns < call.end_ns &&
        (best == kNowhere || op.end_ns > draft_.op(best).end_ns)) {
      best = i;
    }
  }
  Wait out;
  out.inferred = true;
  out.ops.assign(best == kNowhere ? 0 : 1, best);
  return out;
}

Wait SyncRule::wait_of(std::size_t c) const {
  const Call& call = program_.calls[c];
  Wait out;
  switch (call.kind) {
    case CallKind::kDeviceSync:
      out = device_wait(c, candidates(c));
      break;
    case CallKind::kStreamSync:
      out = stream_wait(c, candidates(c));
      break;
    case CallKind::kEventSync:
      out = any_wait(c);
      break;
    case CallKind::kMayBlock:
      if (call.ops.empty() && call.end_ns - call.start_ns > kLongWait * usual_[c]) {
        out = any_wait(c);
        const bool right_after = !out.ops.empty() && call.end_ns - draft_.op(out.ops.front()).end_ns <=
                                                         std::max(kLongWait * usual_[c], kClockTick_ns);
        out.ops.resize(right_after ? out.ops.size() : 0);
      }
      break;
    default:
      break;
  }
  for (const std::size_t i : out.ops) {
    if (draft_.op(i).end_ns > call.start_ns &&
        (out.last == kNowhere || draft_.op(i).end_ns > draft_.op(out.last).end_ns)) {
      out.last = i;
    }
  }
  return out;
}

void SyncRule::measure(const std::vector<Wait>& waits) {
  std::map<std::int64_t, std::vector<std::int64_t>> returns, costs;
  for (std::size_t c = 0; c < waits.size(); ++c) {
    const Call& call = program_.calls[c];
    if (waits[c].last != kNowhere) {
      returns[api(c)].push_back(std::max<std::int64_t>(0, call.end_ns - draft_.op(waits[c].last).end_ns));
    } else if (!draft_.own_wait[c]) {
      costs[api(c)].push_back(call.end_ns - call.start_ns);
    }
  }
  for (const auto& [id, list] : returns) {
    const std::int64_t prompt = quantile(list, kPrompt, 0);
    return_[id] = std::min(typical(list, kPrompt, std::max(kClockTick_ns, prompt), 0), kSlowestReturn_ns);
  }
  for (const auto& [id, list] : costs) {
    unblocked_[id] = quantile(list, 0.5, 0);
  }
}

// A copy that waits for itself returns after its end, or after its start when it only had to be staged.
void SyncRule::add_own_wait(std::size_t c) {
  const Call& call = program_.calls[c];
  const std::size_t copy = call.ops.back();
  const bool until_end = draft_.op(copy).end_ns <= call.end_ns;
  const std::int64_t from = until_end ? draft_.op(copy).end_ns : draft_.op(copy).start_ns;
  draft_.add(until_end ? program_.op_end(copy) : program_.op_start(copy), Program::call_end(c), 0,
             call.end_ns - from, Rule::kBlockingCopy);
  draft_.cost_ns[c] = 0;
}

void SyncRule::add_wait(std::size_t c, const Wait& wait) {
  const Call& call = program_.calls[c];
  const auto found = return_.find(api(c));
  const std::int64_t usual = found == return_.end() ? kClockTick_ns : found->second;
  for (const std::size_t i : wait.ops) {
    const std::int64_t after = std::max<std::int64_t>(0, call.end_ns - draft_.op(i).end_ns);
    const bool explained = std::abs(after - usual) <= std::max(usual, kClockTick_ns);
    const Rule rule = wait.inferred && call.kind == CallKind::kMayBlock ? Rule::kInferredSync : Rule::kSync;
    draft_.add(program_.op_end(i), Program::call_end(c), 0,
               explained && i == wait.last ? usual : std::min(after, usual), rule);
    if (i == wait.last && !explained && after > usual) {
      draft_.add(program_.op_end(i), Program::call_end(c), 0, after, Rule::kKeptReturn);
    }
  }
  if (wait.last != kNowhere) {
    const auto cost = unblocked_.find(api(c));
    draft_.cost_ns[c] = std::min(draft_.cost_ns[c], cost == unblocked_.end() ? usual : cost->second);
  }
}

// A synchronising call that lasted although nothing that it could wait for was running.
bool SyncRule::unexplained(std::size_t c, const Wait& wait) const {
  const CallKind kind = program_.calls[c].kind;
  const bool waits =
      kind == CallKind::kStreamSync || kind == CallKind::kDeviceSync || kind == CallKind::kEventSync;
  return waits && wait.last == kNowhere && draft_.cost_ns[c] > kLongSync_ns;
}

void SyncRule::run() {
  note_use();
  std::vector<Wait> waits;
  waits.reserve(program_.calls.size());
  for (std::size_t c = 0; c < program_.calls.size(); ++c) {
    waits.push_back(wait_of(c));
  }
  measure(waits);
  for (std::size_t c = 0; c < program_.calls.size(); ++c) {
    if (draft_.own_wait[c]) {
      add_own_wait(c);
    } else {
      add_wait(c, waits[c]);
    }
    draft_.add(Program::call_begin(c), Program::call_end(c), draft_.cost_ns[c], 0,
               unexplained(c, waits[c]) ? Rule::kKeptReturn : Rule::kCallCost);
  }
}

}  // namespace

void add_sync_edges(Draft& draft) { SyncRule(draft).run(); }

}  // namespace hopsim::replay::captured
