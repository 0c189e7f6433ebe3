// SPDX-License-Identifier: Apache-2.0
#include "io/chrome_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace hopsim::io {

namespace {

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

// The format's unit is the microsecond.
auto us(std::int64_t ns) -> std::string { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

}  // namespace

void ChromeEvents::name_process(int process, std::string_view name) {
  names_.push_back(fmt::format(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":{}}}}})", process,
                               quoted(name)));
  names_.push_back(fmt::format(
      R"({{"ph":"M","pid":{},"name":"process_sort_index","args":{{"sort_index":{}}}}})", process, process));
}

void ChromeEvents::name_row(int process, std::int64_t row, std::string_view name) {
  names_.push_back(fmt::format(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":{}}}}})",
                               process, row, quoted(name)));
  names_.push_back(
      fmt::format(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_sort_index","args":{{"sort_index":{}}}}})",
                  process, row, row));
}

void ChromeEvents::slice(const Slice& s) {
  const std::int64_t duration_ns = s.end_ns - s.start_ns;
  events_.push_back(
      {s.start_ns, duration_ns, s.depth,
       fmt::format(R"({{"ph":"X","pid":{},"tid":{},"name":{},"cat":{},"ts":{},"dur":{}{}}})", s.process,
                   s.row, quoted(s.name), quoted(s.category), us(s.start_ns), us(duration_ns),
                   s.colour == SliceColour::kAlarm ? R"(,"cname":"terrible")" : "")});
}

void ChromeEvents::counter(int process, std::string_view name, std::string_view unit, std::int64_t t_ns,
                           double value) {
  events_.push_back({t_ns, 0, 0,
                     fmt::format(R"({{"ph":"C","pid":{},"name":{},"ts":{},"args":{{{}:{:.6g}}}}})", process,
                                 quoted(name), us(t_ns), quoted(unit), value)});
}

std::string ChromeEvents::text() const {
  std::vector<std::size_t> order(events_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    const Event& x = events_[a];
    const Event& y = events_[b];
    return x.t_ns != y.t_ns                 ? x.t_ns < y.t_ns
           : x.duration_ns != y.duration_ns ? x.duration_ns > y.duration_ns
                                            : x.depth < y.depth;
  });
  std::string out = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  const char* between = "";
  const auto add = [&](const std::string& json) {
    out += between;
    out += json;
    between = ",\n";
  };
  std::for_each(names_.begin(), names_.end(), add);
  for (const std::size_t i : order) {
    add(events_[i].json);
  }
  return out + "\n]}\n";
}

}  // namespace hopsim::io
