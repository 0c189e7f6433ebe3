// SPDX-License-Identifier: Apache-2.0
#include "replay/captured/chrome_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

namespace hopsim::replay::captured {

namespace {

constexpr int kMeasured = 1, kSimulated = 2;  // process numbers

// JSON text of a name.
auto quoted(std::string_view text) -> std::string {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

class Writer {
 public:
  Writer(const trace::Trace& trace, const Program& program) : trace_(trace), program_(program) {}

  [[nodiscard]] std::string write(const Timeline& simulated) {
    out_ = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
    const Timeline measured = measured_timeline(program_);
    add_process(kMeasured, "measured", measured);
    add_process(kSimulated, "simulated", simulated);
    for (const trace::PowerSample& p : trace_.power) {
      if (p.mw >= 0 && p.t_ns >= 0) {
        event(R"({{"ph":"C","pid":{},"name":"power of device {}","ts":{},"args":{{"W":{}}}}})", kMeasured,
              p.device, us(p.t_ns), static_cast<double>(p.mw) / 1e3);
      }
    }
    return out_ + "\n]}\n";
  }

 private:
  [[nodiscard]] static std::string us(std::int64_t ns) {
    return fmt::format("{}.{:03}", ns / 1000, ns % 1000);
  }

  template <class... Args>
  void event(fmt::format_string<Args...> format, Args&&... args) {
    if (!first_) {
      out_ += ",\n";
    }
    first_ = false;
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void span(int pid, std::size_t tid, std::string_view name, std::string_view category, std::int64_t start,
            std::int64_t end) {
    event(R"({{"ph":"X","pid":{},"tid":{},"name":{},"cat":"{}","ts":{},"dur":{}}})", pid, tid, quoted(name),
          category, us(start), us(end - start));
  }

  void add_process(int pid, std::string_view name, const Timeline& times) {
    event(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":"{}"}}}})", pid, name);
    for (std::size_t t = 0; t < program_.threads.size(); ++t) {
      row(pid, t, fmt::format("thread {}", program_.threads[t].id));
    }
    for (std::size_t s = 0; s < program_.streams.size(); ++s) {
      row(pid, program_.threads.size() + s,
          fmt::format("GPU {} stream {}", program_.streams[s].device, program_.streams[s].id));
    }
    for (std::size_t c = 0; c < program_.calls.size(); ++c) {
      span(pid, program_.calls[c].thread, call_name(program_.calls[c]), "call", times[Program::call_begin(c)],
           times[Program::call_end(c)]);
    }
    for (std::size_t i = 0; i < program_.ops.size(); ++i) {
      const Op& op = program_.ops[i];
      span(pid, program_.threads.size() + op.stream, op_name(op), to_text(op.cls),
           times[program_.op_start(i)], times[program_.op_end(i)]);
    }
    add_queue_depth(pid, times);
  }

  void row(int pid, std::size_t tid, const std::string& name) {
    event(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":{}}}}})", pid, tid,
          quoted(name));
  }

  [[nodiscard]] std::string_view name_at(std::int64_t id) const {
    return id >= 0 && static_cast<std::size_t>(id) < trace_.names.size()
               ? std::string_view(trace_.names[static_cast<std::size_t>(id)])
               : std::string_view("?");
  }
  [[nodiscard]] std::string_view call_name(const Call& call) const {
    return name_at(trace_.calls[call.record].api_id);
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
        event(R"({{"ph":"C","pid":{},"name":"queue depth GPU {}","ts":{},"args":{{"launches":{}}}}})", pid,
              device, us(t), depth);
      }
    }
  }

  const trace::Trace& trace_;
  const Program& program_;
  std::string out_;
  bool first_ = true;
};

}  // namespace

std::string chrome_trace(const trace::Trace& trace, const Program& program, const Timeline& times) {
  return Writer(trace, program).write(times);
}

}  // namespace hopsim::replay::captured
