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
  out.ranks = call.collective.ranks;
  out.message_bytes = call.collective.bytes;
  out.gathers = call.collective.kind == lowering::Collective::Kind::kAllGather ? 1 : 0;
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

auto with_bytes(const Call& call, KernelWork completed) -> KernelWork {
  completed.bytes = *call.product_bytes;
  return completed;
}

auto grows(const Call& call) -> bool {
  return call.bytes.slope > 0 || call.flops.slope > 0 || call.elements.slope > 0;
}

// Matrix products that cost the same: queries and outputs, keys and values, gate and up.
auto is_same_product(const Call& a, const Call& b) -> bool {
  return a.n > 0 && a.n == b.n && a.k == b.k && a.rows == b.rows && a.is_kernel() && b.is_kernel() &&
         a.bytes == b.bytes && a.flops == b.flops && a.elements == b.elements &&
         a.product_bytes == b.product_bytes && a.input_quantised == b.input_quantised && a.cls == b.cls &&
         a.decode_attention == b.decode_attention && a.family == b.family;
}

// Of one kernel, or what a token more of context adds to it.
struct Cost {
  double ps = 0, pj = 0;
};

struct Line {
  Cost first, slope;
};

// Through both ends of a window: for costs that grow smoothly.
template <class At>
auto end_line(const At& at, double first_ctx, int window) -> Line {
  const Cost a = at(first_ctx);
  const Cost b = at(first_ctx + window);
  return {a, {(b.ps - a.ps) / window, (b.pj - a.pj) / window}};
}

// Through the means of a window's halves: for costs that jump with the context (blocks, splits), where the
// ends may lie on either side of a jump. Keeps the window's sum, and no cost in it below zero.
template <class At>
auto mean_line(const At& at, double first_ctx, int window) -> Line {
  constexpr int kSamples = 8;
  Cost halves[2];
  for (int i = 0; i < kSamples; ++i) {
    const Cost one = at(first_ctx + (window - 1) * (i + 0.5) / kSamples);
    Cost& half = halves[2 * i / kSamples];
    half.ps += one.ps / (kSamples / 2);
    half.pj += one.pj / (kSamples / 2);
  }
  const auto through = [&](double a, double b, double& first, double& slope) {
    const double mean = (a + b) / 2;
    slope = std::trunc(std::clamp(2 * (b - a), -2 * mean, 2 * mean) / window);
    first = std::round(mean - slope * (window - 1) / 2);
  };
  Line out;
  through(halves[0].ps, halves[1].ps, out.first.ps, out.slope.ps);
  through(halves[0].pj, halves[1].pj, out.first.pj, out.slope.pj);
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
  const std::string* last = nullptr;  // small kernels of one family follow each other
  for (const auto* block : {&work.prologue, &work.layer, &work.epilogue}) {
    for (const Call& call : *block) {
      if (!call.is_kernel() || (last != nullptr && *last == call.family)) {
        continue;
      }
      last = &call.family;
      if (!timers_.contains(call.family)) {
        missing.insert(call.family);
      }
    }
  }
  return join({missing.begin(), missing.end()});
}

double StepCoster::product_bytes(const Call& call) const {
  return timers_.at(call.family).completed(work_of(call, {}, 0)).bytes;
}

void StepCoster::cost_kernel(const Call& call, const KernelTimer& timer,
                             const lowering::AttentionSizes& attention, int first_ctx, int window,
                             Task& task) const {
  const bool jumps = timer.form().decode_attention;
  if (jumps && !call.decode_attention) {
    throw InputError(
        gpu_.families.at(call.family).at,
        fmt::format("family '{}' is a decode attention, but '{}' is none here", call.family, call.name),
        "a form of bytes and flops; or class attention in a step of one new token");
  }
  if (timer.form().collective != (call.cls == KernelClass::kCollective)) {
    throw InputError(
        gpu_.families.at(call.family).at,
        fmt::format("form '{}' does not time '{}'", timer.form().name, call.name),
        "forms collective_nvlink and collective_pcie in the family 'collective', and only there");
  }
  const auto at = [&](double ctx) {
    const KernelWork work = work_of(call, attention, ctx);
    const double seconds = timer.seconds(call.product_bytes ? with_bytes(call, timer.completed(work)) : work);
    const double joules = kernel_power_w(gpu_, work.bytes, work.flops, work.elements, seconds) * seconds;
    return Cost{static_cast<double>(to_ps(seconds, call)), std::round(joules * 1e12)};
  };
  Line line;
  if (!grows(call) || window <= 1) {
    line.first = at(first_ctx);
  } else {
    line = jumps ? mean_line(at, first_ctx, window) : end_line(at, first_ctx, window);
  }
  task.duration_ps = std::llround(line.first.ps);
  task.energy_pj = std::llround(line.first.pj);
  task.duration_slope_ps = std::llround(line.slope.ps);
  task.energy_slope_pj = std::llround(line.slope.pj);
}

// Equal products are costed once.
std::vector<Task> StepCoster::costed(const std::vector<Call>& calls,
                                     const lowering::AttentionSizes& attention, int first_ctx,
                                     int window) const {
  std::vector<Task> out;
  std::vector<std::pair<const Call*, Task>> products;
  const Call* last = nullptr;  // small kernels of one family follow each other
  const KernelTimer* timer = nullptr;
  std::size_t tasks = 0;
  for (const Call& call : calls) {
    tasks += static_cast<std::size_t>(call.count);
  }
  out.reserve(tasks);
  for (const Call& call : calls) {
    const auto twin = std::find_if(products.begin(), products.end(),
                                   [&](const auto& known) { return is_same_product(*known.first, call); });
    Task task = twin != products.end() ? twin->second : Task{};
    task.kind = kind_of(call.kind);
    task.cls = call.cls;
    task.dispatch_ps = to_ps(call.dispatch_us * 1e-6 / host_speed_, call);
    if (call.is_kernel() && twin == products.end()) {
      timer = last != nullptr && last->family == call.family ? timer : &timers_.at(call.family);
      last = &call;
      cost_kernel(call, *timer, attention, first_ctx, window, task);
      if (call.n > 0) {
        products.emplace_back(&call, task);
      }
    }
    out.insert(out.end(), static_cast<std::size_t>(call.count), task);
  }
  return out;
}

CostedStep StepCoster::cost(const lowering::StepWork& work, int first_ctx, int window) const {
  CostedStep out;
  out.layers = work.layers;
  out.launch_ps = std::llround(gpu_.launch_us * 1e6);
  out.prologue = costed(work.prologue, work.attention, first_ctx, window);
  out.layer = costed(work.layer, work.attention, first_ctx, window);
  out.epilogue = costed(work.epilogue, work.attention, first_ctx, window);
  return out;
}

std::vector<GrowingTasks> StepCoster::growing(const lowering::StepWork& work) const {
  std::vector<GrowingTasks> out;
  std::size_t block = 0;
  for (const auto* calls : {&work.prologue, &work.layer, &work.epilogue}) {
    std::size_t first = 0;
    for (const Call& call : *calls) {
      const auto count = static_cast<std::size_t>(call.count);
      if (call.is_kernel() && grows(call) && count > 0) {
        out.push_back({&call, &timers_.at(call.family), block, first, count});
      }
      first += count;
    }
    ++block;
  }
  return out;
}

void StepCoster::cost_at(const GrowingTasks& growing, const lowering::AttentionSizes& attention,
                         int first_ctx, int window, Task& task) const {
  cost_kernel(*growing.call, *growing.timer, attention, first_ctx, window, task);
}

}  // namespace hopsim::cost
