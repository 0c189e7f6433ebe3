// SPDX-License-Identifier: Apache-2.0
// A Chrome trace as a viewer reads it: checks what every one of ours must keep, and finds events.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace hopsim::test {

class ChromeTrace {
 public:
  using Json = nlohmann::json;

  explicit ChromeTrace(const std::string& text) : document_(Json::parse(text)) {}

  [[nodiscard]] const Json& events() const { return document_["traceEvents"]; }
  [[nodiscard]] static std::int64_t ns(const Json& us) { return std::llround(us.get<double>() * 1000); }
  [[nodiscard]] static std::int64_t end_ns(const Json& slice) { return ns(slice["ts"]) + ns(slice["dur"]); }

  /// Timestamps grow, slices of a row nest, every row and process has a name.
  void expect_sound() const {
    std::map<std::pair<int, int>, std::vector<std::int64_t>> open;  // ends of the slices around, by row
    std::map<std::pair<int, int>, int> named;
    std::int64_t last = INT64_MIN;
    for (const Json& event : events()) {
      const std::string phase = event["ph"];
      const std::pair row{event["pid"].get<int>(), event.value("tid", -1)};
      if (phase == "M") {
        named[row] += event["name"] == "thread_name" || event["name"] == "process_name" ? 1 : 0;
        continue;
      }
      ASSERT_GE(ns(event["ts"]), last) << event;
      last = ns(event["ts"]);
      ASSERT_EQ(named[std::pair(row.first, -1)], 1) << event;
      if (phase != "X") {
        ASSERT_EQ(phase, "C") << event;
        ASSERT_EQ(event["args"].size(), 1U) << event;
        continue;
      }
      ASSERT_EQ(named[row], 1) << event;
      ASSERT_GE(ns(event["dur"]), 0) << event;
      std::vector<std::int64_t>& around = open[row];
      while (!around.empty() && around.back() <= last) {
        around.pop_back();
      }
      ASSERT_TRUE(around.empty() || end_ns(event) <= around.back()) << event;
      around.push_back(end_ns(event));
    }
  }

  [[nodiscard]] std::vector<Json> slices(int process, const std::string& category) const {
    std::vector<Json> out;
    for (const Json& event : events()) {
      if (event["ph"] == "X" && event["pid"] == process && event["cat"] == category) {
        out.push_back(event);
      }
    }
    return out;
  }

  /// Values of a counter in order of time.
  [[nodiscard]] std::vector<double> counter(int process, const std::string& name) const {
    std::vector<double> out;
    for (const Json& event : events()) {
      if (event["ph"] == "C" && event["pid"] == process && event["name"] == name) {
        out.push_back(event["args"].begin().value().get<double>());
      }
    }
    return out;
  }

 private:
  Json document_;
};

}  // namespace hopsim::test
