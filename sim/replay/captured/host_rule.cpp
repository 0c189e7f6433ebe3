// SPDX-License-Identifier: Apache-2.0
// Between two calls a host thread works for as long as it did in the capture, with two exceptions:
//   thread start  a thread's first call comes after the latest call that had returned on another thread;
//   handover      a thread waits for another one without a call (forward and backward threads of a training
//   step): its
//                 gap is far longer than its usual ones, another thread's last call before a silence as long
//                 returned in the second half of it. The distance to that return is kept, not the gap.
#include <algorithm>
#include <vector>

#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

constexpr std::int64_t kLongGap = 20;
constexpr std::int64_t kShortest_ns = 100'000;  // waits below it are not told from work

class HostRule {
 public:
  explicit HostRule(Draft& draft) : draft_(draft), program_(draft.program) {}

  void run();

 private:
  [[nodiscard]] std::int64_t gap_before(std::size_t c) const {
    return previous_[c] == kNowhere ? -1 : program_.calls[c].start_ns - program_.calls[previous_[c]].end_ns;
  }
  [[nodiscard]] bool is_long(std::size_t thread, std::int64_t gap) const {
    return gap > std::max(kLongGap * usual_gap_[thread], kShortest_ns);
  }
  void measure();
  void start_thread(std::size_t c);
  [[nodiscard]] std::size_t last_returned(std::size_t thread, std::int64_t time_ns) const;
  [[nodiscard]] std::size_t handed_over_by(std::size_t c) const;

  Draft& draft_;
  Program& program_;
  std::vector<std::size_t> previous_, next_;  // on the same thread
  std::vector<std::int64_t> usual_gap_;       // by thread
  std::vector<std::size_t> by_end_;           // calls
};

void HostRule::measure() {
  previous_.assign(program_.calls.size(), kNowhere);
  next_ = previous_;
  for (const Thread& thread : program_.threads) {
    std::vector<std::int64_t> gaps;
    for (std::size_t k = 1; k < thread.calls.size(); ++k) {
      previous_[thread.calls[k]] = thread.calls[k - 1];
      next_[thread.calls[k - 1]] = thread.calls[k];
      gaps.push_back(gap_before(thread.calls[k]));
    }
    usual_gap_.push_back(quantile(std::move(gaps), 0.5, 0));
  }
  by_end_.resize(program_.calls.size());
  for (std::size_t c = 0; c < by_end_.size(); ++c) {
    by_end_[c] = c;
  }
  std::stable_sort(by_end_.begin(), by_end_.end(), [this](std::size_t a, std::size_t b) {
    return program_.calls[a].end_ns < program_.calls[b].end_ns;
  });
}

void HostRule::start_thread(std::size_t c) {
  const Call& call = program_.calls[c];
  auto at = std::partition_point(by_end_.begin(), by_end_.end(),
                                 [&](std::size_t x) { return program_.calls[x].end_ns <= call.start_ns; });
  while (at != by_end_.begin()) {
    const Call& other = program_.calls[*--at];
    if (other.thread != call.thread && other.start_ns < call.start_ns) {
      draft_.add(Program::call_end(*at), Program::call_begin(c), call.start_ns - other.end_ns, 0,
                 Rule::kThreadStart);
      return;
    }
  }
  // None has returned yet: after the begin of the first call of all, which alone starts at a recorded time.
  const bool is_first = std::none_of(program_.calls.begin(), program_.calls.end(),
                                     [&](const Call& other) { return other.start_ns < call.start_ns; });
  if (is_first) {
    draft_.add(Program::origin(), Program::call_begin(c), 0, call.start_ns, Rule::kFirst);
  } else {
    const auto first = std::min_element(program_.calls.begin(), program_.calls.end(),
                                        [](const Call& a, const Call& b) { return a.start_ns < b.start_ns; });
    draft_.add(Program::call_begin(static_cast<std::size_t>(first - program_.calls.begin())),
               Program::call_begin(c), call.start_ns - first->start_ns, 0, Rule::kThreadStart);
  }
}

// The last call of a thread that had returned by `time_ns` and was followed by none until then.
std::size_t HostRule::last_returned(std::size_t thread, std::int64_t time_ns) const {
  const std::vector<std::size_t>& calls = program_.threads[thread].calls;
  const auto after = std::partition_point(
      calls.begin(), calls.end(), [&](std::size_t c) { return program_.calls[c].start_ns < time_ns; });
  return after == calls.begin() || program_.calls[*(after - 1)].end_ns > time_ns ? kNowhere : *(after - 1);
}

std::size_t HostRule::handed_over_by(std::size_t c) const {
  const Call& call = program_.calls[c];
  const std::int64_t gap = gap_before(c);
  if (program_.threads.size() < 2 || !is_long(call.thread, gap)) {
    return kNowhere;
  }
  std::size_t best = kNowhere;
  for (std::size_t t = 0; t < program_.threads.size(); ++t) {
    const std::size_t x = t == call.thread ? kNowhere : last_returned(t, call.start_ns);
    if (x == kNowhere || program_.calls[x].start_ns >= call.start_ns ||
        call.start_ns - program_.calls[x].end_ns > gap / 2) {
      continue;
    }
    const bool falls_silent = next_[x] == kNowhere || is_long(t, gap_before(next_[x]));
    if (falls_silent && (best == kNowhere || program_.calls[x].end_ns > program_.calls[best].end_ns)) {
      best = x;
    }
  }
  return best;
}

void HostRule::run() {
  measure();
  for (std::size_t c = 0; c < program_.calls.size(); ++c) {
    if (previous_[c] == kNowhere) {
      start_thread(c);
      continue;
    }
    const std::size_t giver = handed_over_by(c);
    if (giver == kNowhere) {
      draft_.add(Program::call_end(previous_[c]), Program::call_begin(c), gap_before(c), 0, Rule::kHostWork);
    } else {
      draft_.add(Program::call_end(previous_[c]), Program::call_begin(c), 0, 0, Rule::kHostWork);
      draft_.add(Program::call_end(giver), Program::call_begin(c),
                 program_.calls[c].start_ns - program_.calls[giver].end_ns, 0, Rule::kHandover);
    }
  }
}

}  // namespace

void add_host_edges(Draft& draft) { HostRule(draft).run(); }

}  // namespace hopsim::replay::captured
