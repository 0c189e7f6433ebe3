// SPDX-License-Identifier: Apache-2.0
#include "trace/critical_path.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace hopsim::trace {

namespace {

struct Operation {
  std::int64_t start = 0, end = 0, correlation = kNone;
  std::int64_t before = kNone;  // index of the operation before it in its stream
};

template <class Op>
void collect(const std::vector<Op>& from,
             std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, Operation>>& out) {
  for (const Op& op : from) {
    out.push_back(
        {{op.device, op.stream}, {op.start_ns, op.start_ns + op.duration_ns, op.correlation, kNone}});
  }
}

class Walk {
 public:
  explicit Walk(const Trace& trace) : trace_(&trace) {
    std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, Operation>> all;
    collect(trace.kernels, all);
    collect(trace.memory_ops, all);
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.second.start < b.second.start; });
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> last;
    for (auto& [stream, op] : all) {
      const auto index = static_cast<std::int64_t>(operations_.size());
      const auto [found, first] = last.try_emplace(stream, index);
      op.before = first ? kNone : found->second;
      found->second = index;
      operations_.push_back(op);
      by_end_.emplace_back(op.end, index);
    }
    std::sort(by_end_.begin(), by_end_.end());
    std::map<std::int64_t, std::int64_t> thread;
    for (std::size_t i = 0; i < trace.calls.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      calls_.emplace(trace.calls[i].correlation, index);
      const auto [found, first] = thread.try_emplace(trace.calls[i].thread, index);
      previous_.push_back(first ? kNone : found->second);
      found->second = index;
    }
  }

  CriticalPath run() {
    std::int64_t at = by_end_.empty() ? kNone : by_end_.back().second;
    std::int64_t until = by_end_.empty() ? 0 : by_end_.back().first;
    // Each operation at most once: damaged times must not lead in a circle.
    while (at != kNone && out_.operations < static_cast<std::int64_t>(operations_.size())) {
      at = step(operations_[static_cast<std::size_t>(at)], until);
    }
    return out_;
  }

 private:
  // Adds what made `op` end at `until`; the operation to go on from, and its end.
  std::int64_t step(const Operation& op, std::int64_t& until) {
    ++out_.operations;
    add(out_.kernels_s, op.start, until);
    const Operation* before =
        op.before == kNone ? nullptr : &operations_[static_cast<std::size_t>(op.before)];
    const auto call = op.correlation == kNone ? calls_.end() : calls_.find(op.correlation);
    const bool joined = call != calls_.end();
    if (before != nullptr && before->start < op.start && (!joined || end_of(call->second) <= before->end)) {
      add(out_.device_gap_s, before->end, op.start);
      until = std::min(before->end, op.start);
      return op.before;
    }
    if (!joined) {
      return kNone;
    }
    const std::int64_t start = start_of(call->second);
    add(out_.launch_s, start, op.start);
    return host(call->second, std::min(start, op.start), until);
  }

  // The thread of `call`, back from `from` to the call that a device operation released.
  std::int64_t host(std::int64_t call, std::int64_t from, std::int64_t& until) {
    std::int64_t first = from;
    for (std::int64_t i = previous_[static_cast<std::size_t>(call)]; i != kNone;
         i = previous_[static_cast<std::size_t>(i)]) {
      first = std::min(first, start_of(i));
      const ApiCall& c = trace_->calls[static_cast<std::size_t>(i)];
      if (trace_->names[static_cast<std::size_t>(c.api_id)].find("Synchronize") == std::string::npos) {
        continue;
      }
      const auto released =
          std::upper_bound(by_end_.begin(), by_end_.end(), std::pair(std::min(end_of(i), from), kNone));
      if (released != by_end_.begin() && std::prev(released)->first > c.start_ns) {
        until = std::prev(released)->first;
        add(out_.host_s, until, from);
        return std::prev(released)->second;
      }
    }
    add(out_.host_s, first, from);
    return kNone;
  }

  static void add(double& sum, std::int64_t begin, std::int64_t end) {
    sum += static_cast<double>(std::max<std::int64_t>(end - begin, 0)) * 1e-9;
  }
  [[nodiscard]] std::int64_t start_of(std::int64_t call) const {
    return trace_->calls[static_cast<std::size_t>(call)].start_ns;
  }
  [[nodiscard]] std::int64_t end_of(std::int64_t call) const {
    const ApiCall& c = trace_->calls[static_cast<std::size_t>(call)];
    return c.start_ns + c.duration_ns;
  }

  const Trace* trace_;
  std::vector<Operation> operations_;                          // by start
  std::vector<std::pair<std::int64_t, std::int64_t>> by_end_;  // (end, index)
  std::unordered_map<std::int64_t, std::int64_t> calls_;       // by correlation
  std::vector<std::int64_t> previous_;                         // call of the same thread before it
  CriticalPath out_;
};

}  // namespace

CriticalPath critical_path(const Trace& trace) { return Walk(trace).run(); }

}  // namespace hopsim::trace
