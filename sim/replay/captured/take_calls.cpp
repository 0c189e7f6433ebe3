// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/errors.hpp"
#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

// "cudaMemcpyAsync_v3020" -> "memcpyasync": CUDA runtime, driver and HIP name the same things alike.
auto bare_name(std::string_view name) -> std::string {
  std::string out(name.substr(0, name.find("_v")));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const std::string_view prefix : {"cuda", "hip", "cu"}) {
    if (out.starts_with(prefix)) {
      return out.substr(prefix.size());
    }
  }
  return out;
}

auto kind_of(std::string_view name) -> CallKind {
  const std::string bare = bare_name(name);
  const auto has = [&bare](std::string_view part) { return bare.find(part) != std::string::npos; };
  if (has("streamwaitevent")) {
    return CallKind::kWaitEvent;
  }
  if (has("streamsynchronize")) {
    return CallKind::kStreamSync;
  }
  if (has("eventsynchronize")) {
    return CallKind::kEventSync;
  }
  if (has("devicesynchronize") || has("ctxsynchronize")) {
    return CallKind::kDeviceSync;
  }
  if (has("eventrecord")) {
    return CallKind::kEventRecord;
  }
  if (has("graphlaunch")) {
    return CallKind::kGraphLaunch;
  }
  if (has("launch")) {
    return CallKind::kLaunch;
  }
  if (has("memcpy")) {
    return CallKind::kCopy;
  }
  for (const std::string_view start :
       {"free", "malloc", "hostalloc", "memalloc", "memfree", "memhost", "memset"}) {
    if (bare.starts_with(start)) {
      return CallKind::kMayBlock;
    }
  }
  return CallKind::kOther;
}

auto kinds_of(const trace::Trace& trace) -> std::vector<CallKind> {
  std::vector<CallKind> out;
  out.reserve(trace.names.size());
  for (const std::string& name : trace.names) {
    out.push_back(kind_of(name));
  }
  return out;
}

}  // namespace

// A driver call inside a runtime call is part of it: what it launched counts as launched by the outer one.
void take_calls(Draft& draft) {
  const trace::Trace& trace = draft.trace;
  Program& program = draft.program;
  const std::vector<CallKind> kinds = kinds_of(trace);
  std::vector<std::size_t> order(trace.calls.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    const trace::ApiCall& record = trace.calls[i];
    if (record.duration_ns < 0) {
      throw InputError(Location{}, "a call of the trace ends before it starts", "import it again");
    }
  }
  std::stable_sort(order.begin(), order.end(), [&trace](std::size_t a, std::size_t b) {
    const trace::ApiCall &x = trace.calls[a], &y = trace.calls[b];
    return x.start_ns != y.start_ns ? x.start_ns < y.start_ns : x.duration_ns > y.duration_ns;
  });
  std::map<std::int64_t, std::size_t> threads;
  for (const std::size_t i : order) {
    const trace::ApiCall& record = trace.calls[i];
    const auto [found, is_new] = threads.try_emplace(record.thread, program.threads.size());
    if (is_new) {
      program.threads.push_back({record.thread, {}});
    }
    Thread& thread = program.threads[found->second];
    Call call{record.start_ns, record.start_ns + record.duration_ns, found->second, CallKind::kOther, i, {}};
    if (record.api_id >= 0 && static_cast<std::size_t>(record.api_id) < kinds.size()) {
      call.kind = kinds[static_cast<std::size_t>(record.api_id)];
    }
    if (!thread.calls.empty()) {
      const std::size_t last = thread.calls.back();
      if (call.start_ns < program.calls[last].end_ns) {
        if (call.end_ns <= program.calls[last].end_ns) {
          draft.nested[last].push_back(i);
          ++program.nested_calls;
          continue;
        }
        call.start_ns = program.calls[last].end_ns;  // rounding: they only touch
      }
    }
    thread.calls.push_back(program.calls.size());
    program.calls.push_back(std::move(call));
    draft.nested.emplace_back();
  }
}

}  // namespace hopsim::replay::captured
