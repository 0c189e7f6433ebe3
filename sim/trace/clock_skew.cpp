// SPDX-License-Identifier: Apache-2.0
#include "trace/clock_skew.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/errors.hpp"

namespace hopsim::trace {

namespace {

constexpr std::int64_t kLaunchLatencyNs = 5000;       // assumed; 4.8 to 12 us on healthy captures, 5 on H100
constexpr std::int64_t kLargestErrorNs = 10'000'000;  // beyond that it is no drift
constexpr double kTolerated = 0.01;

// A device operation with the call that launched it.
struct Work {
  std::int64_t start = 0, end = 0;
  std::int64_t call = 0;  // start of the call
  bool joined = false;

  [[nodiscard]] std::int64_t lag() const { return start - call; }
};

struct Point {
  std::int64_t t = 0, value = 0;
};

// Whether b lies on or above the line from a to c. In doubles: times go up to 2^62 and their products do not
// fit.
bool above(const Point& a, const Point& b, const Point& c) {
  const auto x = [&](std::int64_t t) { return static_cast<double>(t - a.t); };
  const auto y = [&](std::int64_t v) { return static_cast<double>(v - a.value); };
  return y(b.value) * x(c.t) >= y(c.value) * x(b.t);
}

// Lower convex hull of points in the order of time.
auto lower_hull(const std::vector<Point>& points) -> std::vector<Point> {
  std::vector<Point> out;
  for (const Point& p : points) {
    if (!out.empty() && out.back().t == p.t) {
      out.back().value = std::min(out.back().value, p.value);
      continue;
    }
    while (out.size() >= 2 && above(out[out.size() - 2], out.back(), p)) {
      out.pop_back();
    }
    out.push_back(p);
  }
  return out;
}

// The hull at time t; constant before its first and after its last point.
auto at(const std::vector<Point>& hull, std::int64_t t) -> std::int64_t {
  if (t <= hull.front().t) {
    return hull.front().value;
  }
  if (t >= hull.back().t) {
    return hull.back().value;
  }
  const auto right =
      std::upper_bound(hull.begin(), hull.end(), t, [](std::int64_t x, const Point& p) { return x < p.t; });
  const Point& a = *std::prev(right);
  const double share = static_cast<double>(t - a.t) / static_cast<double>(right->t - a.t);
  return a.value + static_cast<std::int64_t>(share * static_cast<double>(right->value - a.value));
}

auto violations(const std::vector<Work>& work) -> std::int64_t {
  return std::count_if(work.begin(), work.end(), [](const Work& w) { return w.joined && w.lag() < 0; });
}

// Errors of the clock, one a launch onto an idle device; the largest violation alone where there are none.
auto clock_errors(const std::vector<Work>& work, std::int64_t worst) -> std::vector<Point> {
  std::vector<Point> out;
  std::int64_t busy_until = std::numeric_limits<std::int64_t>::min() / 2;
  for (const Work& w : work) {
    // Both clocks may be apart by `worst`; only what is idle for longer than that is surely idle.
    if (w.joined && busy_until + worst < w.call && w.lag() < kLargestErrorNs) {
      out.push_back({w.start, w.lag() - kLaunchLatencyNs});
    }
    busy_until = std::max(busy_until, w.end);
  }
  if (out.size() < 2) {
    return {{0, -worst - kLaunchLatencyNs}};
  }
  return lower_hull(out);
}

template <class Op>
void collect(const std::vector<Op>& operations, const std::unordered_map<std::int64_t, std::int64_t>& calls,
             std::map<std::int64_t, std::vector<Work>>& out) {
  for (const Op& op : operations) {
    const auto call = calls.find(op.correlation);
    const bool joined = op.correlation != kNone && call != calls.end();
    out[op.device].push_back({op.start_ns, op.start_ns + op.duration_ns, joined ? call->second : 0, joined});
  }
}

template <class Op>
void move(std::vector<Op>& operations, std::int64_t device, const std::vector<Point>& hull) {
  for (Op& op : operations) {
    op.start_ns -= op.device == device ? at(hull, op.start_ns) : 0;
  }
}

}  // namespace

void correct_clocks(Trace& trace, Quality& quality, const std::string& path) {
  std::unordered_map<std::int64_t, std::int64_t> calls;
  calls.reserve(trace.calls.size());
  for (const ApiCall& call : trace.calls) {
    calls.emplace(call.correlation, call.start_ns);
  }
  std::map<std::int64_t, std::vector<Work>> devices;
  collect(trace.kernels, calls, devices);
  collect(trace.memory_ops, calls, devices);
  for (auto& [id, operations] : devices) {
    const std::int64_t device = id;  // clang 14 captures no structured bindings
    std::vector<Work>& work = operations;
    const std::int64_t before = violations(work);
    const std::int64_t joined =
        std::count_if(work.begin(), work.end(), [](const Work& w) { return w.joined; });
    if (before == 0) {
      continue;
    }
    if (static_cast<double>(before) <= kTolerated * static_cast<double>(joined)) {
      quality.error("kernel_before_launch", "starts before the call that launches it", before);
      continue;
    }
    std::sort(work.begin(), work.end(), [](const Work& a, const Work& b) { return a.start < b.start; });
    std::int64_t worst = 0;
    for (const Work& w : work) {
      worst = w.joined ? std::max(worst, -w.lag()) : worst;
    }
    const auto refuse = [&](const std::string& why) {
      throw InputError(
          Location{path},
          fmt::format(
              "{} of {} launches on device {} start before their call, by up to {:.1f} us: the clocks of "
              "host and device disagree, and {}",
              before, joined, device, static_cast<double>(worst) * 1e-3, why),
          "a capture whose device clock is right");
    };
    if (worst > kLargestErrorNs) {
      refuse("that is too far apart to correct (at most 10 ms)");
    }
    const std::vector<Point> hull = clock_errors(work, worst);
    for (Work& w : work) {
      w.start -= at(hull, w.start);
    }
    if (static_cast<double>(violations(work)) > kTolerated * static_cast<double>(joined)) {
      refuse("no drift of one against the other explains it");
    }
    quality.error("kernel_before_launch", "starts before the call that launches it, after correction",
                  violations(work));
    quality.info("clock_corrected",
                 fmt::format("device operations moved, since the device's clock was off by up to {:.1f} us",
                             static_cast<double>(worst + kLaunchLatencyNs) * 1e-3),
                 static_cast<std::int64_t>(work.size()));
    move(trace.kernels, device, hull);
    move(trace.memory_ops, device, hull);
  }
}

}  // namespace hopsim::trace
