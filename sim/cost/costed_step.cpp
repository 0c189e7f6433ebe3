// SPDX-License-Identifier: Apache-2.0
#include "cost/costed_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace hopsim::cost {

namespace {

using lowering::Call;

constexpr double kLongest_s = 1e3;  // and picojoules of a kilowatt for that long still fit into 64 bits

auto to_ps(double seconds, const Call& call) -> std::int64_t {
  HOPSIM_CHECK(seconds >= 0, "a duration is negative");
  if (seconds > kLongest_s) {
    throw InputError(
        Location{}, fmt::format("one '{}' would take {:.3g} s", call.name, seconds),
        fmt::format("at most {:g} s: a smaller batch, fewer tokens or a plausible profile", kLongest_s));
  }
  return std::llround(seconds * 1e12);
}

auto kind_of(Call::Kind kind) -> Task::Kind {
  switch (kind) {
    case Call::Kind::kKernel:
      return Task::Kind::kLaunch;
    case Call::Kind::kGraphLaunch:
      return Task::Kind::kGraphLaunch;
    case Call::Kind::kGraphNode:
      return Task::Kind::kGraphNode;
    case Call::Kind::kHostWork:
      return Task::Kind::kHostWork;
    case Call::Kind::kSync:
      return Task::Kind::kSync;
  }
  throw InternalError("unknown call kind");
}

auto work_of(const Call& call, const lowering::AttentionSizes& attention, double ctx) -> KernelWork {
  KernelWork out;
  out.bytes = call.bytes.at(ctx);
  out.flops = call.flops.at(ctx);
  out.elements = call.elements.at(ctx);
  out.m = call.rows;
  out.n = call.n;
  out.k = call.k;
  out.input_quantised = call.input_quantised;
  if (call.decode_attention) {
    const double bytes = out.bytes;
    // A window may begin at context 0, where there is nothing to cut.
    out = attention_work(call.rows, std::max(1.0, ctx), attention.heads, attention.kv_heads,
                         attention.head_dim, attention.kv_element_bytes);
    out.bytes = bytes;  // as the stack states it: an eager attention moves more
    out.flops = call.flops.at(ctx);
  }
  return out;
}

}  // namespace

StepCoster::StepCoster(const spec::GpuSpec& gpu, const spec::HostSpec& host)
    : gpu_(gpu), host_speed_(host.speed) {
  for (const auto& [name, family] : gpu.families) {
    timers_.emplace(name, KernelTimer(family, gpu));
  }
}

std::string StepCoster::missing_families(const lowering::StepWork& work) const {
  std::set<std::string> missing;
  for (const auto* block : {&work.prologue, &work.layer, &work.epilogue}) {
    for (const Call& call : *block) {
      if (call.is_kernel() && !timers_.contains(call.family)) {
        missing.insert(call.family);
      }
    }
  }
  return join({missing.begin(), missing.end()});
}

void StepCoster::append(const Call& call, const lowering::AttentionSizes& attention, int first_ctx,
                        int window, std::vector<Task>& out) const {
  Task task;
  task.kind = kind_of(call.kind);
  task.cls = call.cls;
  task.dispatch_ps = to_ps(call.dispatch_us * 1e-6 / host_speed_, call);
  if (call.is_kernel()) {
    const KernelTimer& timer = timers_.at(call.family);
    const auto at = [&](double ctx) {
      const KernelWork work = work_of(call, attention, ctx);
      const double seconds = timer.seconds(work);
      const double joules = kernel_power_w(gpu_, work.bytes, work.flops, work.elements, seconds) * seconds;
      return std::pair{to_ps(seconds, call), std::llround(joules * 1e12)};
    };
    const auto [duration, energy] = at(first_ctx);
    task.duration_ps = duration;
    task.energy_pj = energy;
    const bool grows = call.bytes.slope > 0 || call.flops.slope > 0 || call.elements.slope > 0;
    if (grows && window > 1) {
      const auto [last_duration, last_energy] = at(first_ctx + window);
      task.duration_slope_ps = std::llround(static_cast<double>(last_duration - duration) / window);
      task.energy_slope_pj = std::llround(static_cast<double>(last_energy - energy) / window);
    }
  }
  out.insert(out.end(), static_cast<std::size_t>(call.count), task);
}

CostedStep StepCoster::cost(const lowering::StepWork& work, int first_ctx, int window) const {
  CostedStep out;
  out.layers = work.layers;
  out.launch_ps = std::llround(gpu_.launch_us * 1e6);
  for (const Call& call : work.prologue) {
    append(call, work.attention, first_ctx, window, out.prologue);
  }
  for (const Call& call : work.layer) {
    append(call, work.attention, first_ctx, window, out.layer);
  }
  for (const Call& call : work.epilogue) {
    append(call, work.attention, first_ctx, window, out.epilogue);
  }
  return out;
}

}  // namespace hopsim::cost
