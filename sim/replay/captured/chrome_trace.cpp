// SPDX-License-Identifier: Apache-2.0
#include "replay/captured/chrome_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "io/chrome_events.hpp"

namespace hopsim::replay::captured {

namespace {

constexpr int kMeasured = 1, kSimulated = 2;  // process numbers
constexpr std::int64_t kLanes = 64;           // row numbers for each thread and stream

struct Span {
  std::int64_t start_ns = 0, end_ns = 0;
};

// Rows on which spans that come by start never overlap: the first one that is free.
class Lanes {
 public:
  [[nodiscard]] std::int64_t take(const Span& span) {
    std::size_t lane = 0;
    while (lane + 1 < free_ns_.size() && free_ns_[lane] > span.start_ns) {
      ++lane;
    }
    if (free_ns_[lane] > span.start_ns && free_ns_.size() < kLanes) {
      free_ns_.push_back(span.start_ns);
      ++lane;
    }
    free_ns_[lane] = std::max(free_ns_[lane], span.end_ns);
    return static_cast<std::int64_t>(lane);
  }
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(free_ns_.size()); }

 private:
  std::vector<std::int64_t> free_ns_ = {INT64_MIN};
};

class Writer {
 public:
  Writer(const trace::Trace& trace, const Program& program) : trace_(trace), program_(program) {}

  [[nodiscard]] std::string write(const Timeline& simulated) {
    const Timeline measured = measured_timeline(program_);
    add_process(kMeasured, "measured", measured);
    add_process(kSimulated, "simulated", simulated);
    for (const trace::PowerSample& p : trace_.power) {
      if (p.mw >= 0 && p.t_ns >= 0) {
        out_.counter(kMeasured, fmt::format("power of device {}", p.device), "W", p.t_ns,
                     static_cast<double>(p.mw) / 1e3);
      }
    }
    return out_.text();
  }

 private:
  void add_process(int pid, std::string_view name, const Timeline& times) {
    out_.name_process(pid, name);
    for (std::size_t t = 0; t < program_.threads.size(); ++t) {
      add_thread(pid, t, times);
    }
    for (std::size_t s = 0; s < program_.streams.size(); ++s) {
      add_stream(pid, s, times);
    }
    add_queue_depth(pid, times);
  }

  void add_thread(int pid, std::size_t t, const Timeline& times) {
    const auto row = static_cast<std::int64_t>(t) * kLanes;
    out_.name_row(pid, row, fmt::format("thread {}", program_.threads[t].id));
    for (const std::size_t c : program_.threads[t].calls) {
      out_.slice({pid, row, name_at(trace_.calls[program_.calls[c].record].api_id), "call",
                  times[Program::call_begin(c)], times[Program::call_end(c)], kInnermost});
    }
    add_ranges(pid, row, program_.threads[t], times);
  }

  // A range spans its calls, on either timeline: no other time of it is known to a replay.
  void add_ranges(int pid, std::int64_t row, const Thread& thread, const Timeline& times) {
    const auto begins_before = [this](std::size_t call, std::int64_t t_ns) {
      return program_.calls[call].start_ns < t_ns;
    };
    for (const trace::Range& range : trace_.ranges) {
      if (range.thread != thread.id) {
        continue;
      }
      const auto first =
          std::lower_bound(thread.calls.begin(), thread.calls.end(), range.start_ns, begins_before);
      const auto last =
          std::lower_bound(first, thread.calls.end(), range.start_ns + range.duration_ns, begins_before);
      if (first != last) {
        out_.slice({pid, row, name_at(range.name_id), "range", times[Program::call_begin(*first)],
                    times[Program::call_end(*(last - 1))], depth_of(range)});
      }
    }
  }

  [[nodiscard]] int depth_of(const trace::Range& range) const {
    int depth = 0;
    for (std::int64_t up = range.parent; up != trace::kNone && depth < kInnermost - 1; ++depth) {
      up = trace_.ranges[static_cast<std::size_t>(up)].parent;
    }
    return depth;
  }

  void add_stream(int pid, std::size_t s, const Timeline& times) {
    const Stream& stream = program_.streams[s];
    const auto row = static_cast<std::int64_t>(program_.threads.size() + s) * kLanes;
    std::vector<std::size_t> ops = stream.ops;
    std::stable_sort(ops.begin(), ops.end(), [&](std::size_t a, std::size_t b) {
      return times[program_.op_start(a)] < times[program_.op_start(b)];
    });
    Lanes lanes;
    for (const std::size_t i : ops) {
      const Op& op = program_.ops[i];
      const Span span = {times[program_.op_start(i)], times[program_.op_end(i)]};
      out_.slice({pid, row + lanes.take(span), op_name(op), to_text(op.cls), span.start_ns, span.end_ns, 0,
                  is_casting(op.cls) ? io::SliceColour::kAlarm : io::SliceColour::kByName});
    }
    for (std::int64_t lane = 0; lane < lanes.count(); ++lane) {
      out_.name_row(pid, row + lane,
                    fmt::format("GPU {} stream {}{}", stream.device, stream.id,
                                lane == 0 ? "" : fmt::format(", overlapping {}", lane)));
    }
  }

  [[nodiscard]] std::string_view name_at(std::int64_t id) const {
    return id >= 0 && static_cast<std::size_t>(id) < trace_.names.size()
               ? std::string_view(trace_.names[static_cast<std::size_t>(id)])
               : std::string_view("?");
  }
  [[nodiscard]] std::string_view op_name(const Op& op) const {
    return op.is_kernel ? name_at(trace_.kernels[op.record].name_id) : to_text(op.cls);
  }

  // Launched and not yet started, by device.
  void add_queue_depth(int pid, const Timeline& times) {
    std::map<std::int64_t, std::map<std::int64_t, int>> steps;  // device, time, change
    for (std::size_t i = 0; i < program_.ops.size(); ++i) {
      const Op& op = program_.ops[i];
      if (op.call != kNowhere && !op.graph_node) {
        auto& device = steps[program_.streams[op.stream].device];
        ++device[times[Program::call_begin(op.call)]];
        --device[times[program_.op_start(i)]];
      }
    }
    for (const auto& [device, changes] : steps) {
      int depth = 0;
      for (const auto& [t, change] : changes) {
        depth += change;
        out_.counter(pid, fmt::format("queue depth GPU {}", device), "launches", t, depth);
      }
    }
  }

  static constexpr int kInnermost = 1000;
  const trace::Trace& trace_;
  const Program& program_;
  io::ChromeEvents out_;
};

}  // namespace

std::string chrome_trace(const trace::Trace& trace, const Program& program, const Timeline& times) {
  return Writer(trace, program).write(times);
}

}  // namespace hopsim::replay::captured
