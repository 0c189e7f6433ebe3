// SPDX-License-Identifier: Apache-2.0
#include "replay/captured/draft.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace hopsim::replay::captured {

std::size_t Draft::last_enqueued(std::size_t stream, std::int64_t time_ns) const {
  const std::vector<std::int64_t>& times = stream_enqueued[stream];
  const auto after = std::upper_bound(times.begin(), times.end(), time_ns);
  if (after == times.begin()) {
    return kNowhere;
  }
  return program.streams[stream].ops[static_cast<std::size_t>(after - times.begin()) - 1];
}

// Of several with one correlation (two processes), the one nearest in time.
const trace::Sync* Draft::sync_of(const Call& call) const {
  const trace::ApiCall& record = trace.calls[call.record];
  const auto found = syncs.find(record.correlation);
  if (found == syncs.end()) {
    return nullptr;
  }
  return *std::min_element(
      found->second.begin(), found->second.end(), [&](const trace::Sync* a, const trace::Sync* b) {
        return std::abs(a->start_ns - record.start_ns) < std::abs(b->start_ns - record.start_ns);
      });
}

// Some exporters number the device of a synchronisation by process, that of a kernel by machine: the context
// decides.
bool Draft::about(const trace::Sync& sync, std::int64_t device, std::int64_t context) const {
  return contexts.count(sync.context) > 0 ? sync.context == context : sync.device == device;
}

std::int64_t quantile(std::vector<std::int64_t> values, double q, std::int64_t otherwise) {
  if (values.empty()) {
    return otherwise;
  }
  const auto rank =
      std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
  return values[rank];
}

std::int64_t typical(const std::vector<std::int64_t>& values, double q, std::int64_t reach,
                     std::int64_t otherwise) {
  const std::int64_t centre = quantile(values, q, otherwise);
  std::int64_t sum = 0, count = 0;
  for (const std::int64_t v : values) {
    if (std::abs(v - centre) <= reach) {
      sum += v - centre;
      ++count;
    }
  }
  return count == 0 ? centre : centre + sum / count;
}

std::vector<std::int64_t> usual_call_ns(const Draft& draft) {
  std::map<std::pair<std::size_t, std::int64_t>, std::vector<std::int64_t>> durations;
  const auto key = [&draft](const Call& call) {
    return std::pair{call.thread, draft.trace.calls[call.record].api_id};
  };
  for (const Call& call : draft.program.calls) {
    durations[key(call)].push_back(call.end_ns - call.start_ns);
  }
  std::map<std::pair<std::size_t, std::int64_t>, std::int64_t> medians;
  for (const auto& [k, list] : durations) {
    medians[k] = quantile(list, 0.5, 0);
  }
  std::vector<std::int64_t> out;
  for (const Call& call : draft.program.calls) {
    out.push_back(medians[key(call)]);
  }
  return out;
}

// Only a copy that touches pageable memory, or whose call says so by not being "Async", waits for itself;
// that it did shows in its call lasting until the copy's end.
void find_own_waits(Draft& draft) {
  Program& program = draft.program;
  draft.own_wait.assign(program.calls.size(), false);
  for (std::size_t i = 0; i < program.calls.size(); ++i) {
    const Call& call = program.calls[i];
    if (call.kind != CallKind::kCopy || call.ops.empty() || program.ops[call.ops.back()].is_kernel) {
      continue;
    }
    const Op& copy = program.ops[call.ops.back()];
    const std::string& name =
        draft.trace.names[static_cast<std::size_t>(draft.trace.calls[call.record].api_id)];
    const bool may_wait =
        draft.trace.memory_ops[copy.record].pageable || name.find("Async") == std::string::npos;
    draft.own_wait[i] = may_wait && copy.start_ns > call.start_ns && copy.start_ns < call.end_ns;
  }
}

}  // namespace hopsim::replay::captured
