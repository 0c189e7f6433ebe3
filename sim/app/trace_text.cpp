// SPDX-License-Identifier: Apache-2.0
#include "app/trace_text.hpp"

#include "app/quantity_text.hpp"
#include "trace/critical_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hopsim::app {

namespace {

constexpr std::size_t kNameWidth = 50;
constexpr std::size_t kMostCalls = 8, kMostStreams = 8;

auto percent(double part, double whole) -> double { return whole > 0 ? 100 * part / whole : 0; }

auto classes_text(const trace::Statistics& s) -> std::string {
  double total = 0;
  for (const trace::ClassSummary& c : s.classes) {
    total += c.time_s;
  }
  std::string out =
      fmt::format("\n{:<14}{:>9}{:>12}{:>9}{:>14}\n", "class", "n", "time", "share", "gaps before");
  for (const trace::ClassSummary& c : s.classes) {
    out += fmt::format("{:<14}{:>9}{:>12}{:>7.1f} %{:>14}\n", to_text(c.cls), c.n, seconds_text(c.time_s),
                       percent(c.time_s, total), seconds_text(c.gap_s));
  }
  return out;
}

auto kernels_text(const trace::Statistics& s, std::size_t top) -> std::string {
  std::string out = fmt::format("\n{:<{}}{:<12}{:>7}{:>11}{:>9}{:>9}\n", "kernel", kNameWidth + 1, "class",
                                "n", "time", "share", "median");
  for (std::size_t i = 0; i < std::min(top, s.kernels.size()); ++i) {
    const trace::KernelSummary& k = s.kernels[i];
    out += fmt::format("{:<{}}{:<12}{:>7}{:>11}{:>7.1f} %{:>9}\n", short_name(k.name, kNameWidth),
                       kNameWidth + 1, to_text(k.cls), k.time.n, seconds_text(k.time.total_us * 1e-6),
                       percent(k.time.total_us * 1e-6, s.kernel_s), seconds_text(k.time.median_us * 1e-6));
  }
  if (s.kernels.size() > top) {
    out += fmt::format("and {} more (--top N)\n", s.kernels.size() - top);
  }
  return out;
}

auto host_text(const trace::Statistics& s) -> std::string {
  std::string out = fmt::format("\n{:<40}{:>8}{:>10}{:>11}{:>10}{:>10}\n", "call", "n", "launches", "time",
                                "median", "p90");
  for (std::size_t i = 0; i < std::min(kMostCalls, s.calls.size()); ++i) {
    const trace::ApiSummary& c = s.calls[i];
    out += fmt::format("{:<40}{:>8}{:>10}{:>11}{:>10}{:>10}\n", short_name(c.name, 39), c.time.n, c.launches,
                       seconds_text(c.time.total_us * 1e-6), seconds_text(c.time.median_us * 1e-6),
                       seconds_text(c.time.p90_us * 1e-6));
  }
  return out;
}

}  // namespace

std::string short_name(const std::string& name, std::size_t width) {
  std::string out = name.starts_with("void ") ? name.substr(5) : name;
  for (const std::string_view noise : {"at::native::", "(anonymous namespace)::", "<unnamed>::"}) {
    for (std::size_t at = out.find(noise); at != std::string::npos; at = out.find(noise)) {
      out.erase(at, noise.size());
    }
  }
  if (out.size() > width) {
    std::size_t cut = width - 2;
    while (cut > 0 &&
           (static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80U) {  // not inside of a UTF-8 character
      --cut;
    }
    out.resize(cut);
    out += "..";
  }
  return out;
}

std::string quality_text(const trace::Trace& trace) {
  std::string out;
  for (const trace::QualityCount& q : trace.quality) {
    out += fmt::format("  {:<5} {:>8}  {}: {}\n", q.severity, q.count, q.name, q.help);
  }
  return out;
}

io::Json quality_json(const trace::Trace& trace) {
  io::Json out = io::Json::array();
  for (const trace::QualityCount& q : trace.quality) {
    out.push_back({{"name", q.name}, {"severity", q.severity}, {"count", q.count}, {"help", q.help}});
  }
  return out;
}

std::string trace_text(const trace::Trace& trace, const trace::Statistics& s, std::size_t top) {
  std::string out =
      fmt::format("{}   {} kernels, {} calls, {} copies and sets on {} streams of {} device{}\n",
                  trace::attribute(trace, "gpu"), trace.kernels.size(), trace.calls.size(),
                  trace.memory_ops.size(), s.streams.size(), s.devices, s.devices == 1 ? "" : "s");
  out += fmt::format("span {}   busy {} ({:.1f} %)   idle {}   host-bound {:.1f} % of the span: {}\n",
                     seconds_text(s.span_s), seconds_text(s.busy_s), percent(s.busy_s, s.span_s),
                     seconds_text(s.idle_s), 100 * s.host_bound_fraction,
                     s.host_bound_fraction > 0.5 ? "waits for the host" : "not host-bound");
  out += fmt::format(
      "launch to start: median {}, p90 {}   between launches: median {}   queue: mean {:.1f}, max {}\n",
      seconds_text(s.launch_to_start.median_us * 1e-6), seconds_text(s.launch_to_start.p90_us * 1e-6),
      seconds_text(s.host_period.median_us * 1e-6), s.queue_depth_mean, s.queue_depth_max);
  out += fmt::format(
      "casting: cor_kernel {:.3g}, {} of it beside other work   class other: {:.1f} % of kernel time\n",
      s.cor_kernel, seconds_text(s.casting_overlap_s), 100 * s.other_share);
  const trace::CriticalPath path = trace::critical_path(trace);
  out += fmt::format("critical path: kernels {}, gaps {}, launches {}, host {} over {} operations\n",
                     seconds_text(path.kernels_s), seconds_text(path.device_gap_s),
                     seconds_text(path.launch_s), seconds_text(path.host_s), path.operations);
  out += classes_text(s) + kernels_text(s, top) + host_text(s) + "\n";
  for (std::size_t i = 0; i < std::min(kMostStreams, s.streams.size()); ++i) {
    const trace::StreamSummary& stream = s.streams[i];
    out +=
        fmt::format("device {} stream {:<6}{:>8} operations, busy {} ({:.1f} %)\n", stream.device,
                    stream.stream, stream.n, seconds_text(stream.busy_s), percent(stream.busy_s, s.span_s));
  }
  if (s.streams.size() > kMostStreams) {
    out += fmt::format("and {} more streams (--json)\n", s.streams.size() - kMostStreams);
  }
  return out + quality_text(trace);
}

}  // namespace hopsim::app
