// SPDX-License-Identifier: Apache-2.0
// Events of a Chrome trace: JSON that ui.perfetto.dev and chrome://tracing open. Times are whole nanoseconds,
// so that slices which nest here nest after a viewer's rounding too. Events leave sorted by time, and at one
// time the outer slice before the inner one: the longer first, then the one of lesser depth. Slices of one
// row must nest: it is the caller's to put what overlaps otherwise on several rows. Format: "Trace Event
// Format", Google, docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hopsim::io {

/// A colour that chrome://tracing knows by name (`cname`).
enum class SliceColour { kByName, kAlarm };

struct Slice {
  int process = 0;
  std::int64_t row = 0;
  std::string_view name, category;
  std::int64_t start_ns = 0, end_ns = 0;
  int depth = 0;
  SliceColour colour = SliceColour::kByName;
};

class ChromeEvents {
 public:
  void name_process(int process, std::string_view name);
  /// Rows stand in the order of their numbers.
  void name_row(int process, std::int64_t row, std::string_view name);
  void slice(const Slice& slice);
  /// From this time on the counter has this value.
  void counter(int process, std::string_view name, std::string_view unit, std::int64_t t_ns, double value);

  /// The document.
  [[nodiscard]] std::string text() const;

 private:
  struct Event {
    std::int64_t t_ns = 0, duration_ns = 0;
    int depth = 0;
    std::string json;
  };
  std::vector<std::string> names_;
  std::vector<Event> events_;
};

}  // namespace hopsim::io
