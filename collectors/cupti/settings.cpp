// SPDX-License-Identifier: Apache-2.0
#include "cupti/settings.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace hopsim::collect {

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// The whole number in a variable, or the default where it is not set.
std::uint64_t number(const char* name, std::uint64_t least, std::uint64_t otherwise, std::string& error) {
  const std::string_view text = variable(name);
  if (text.empty()) {
    return otherwise;
  }
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || value < least) {
    error = std::string(name) + "=" + std::string(text) + " is not a whole number from " +
            std::to_string(least) + " on";
    return otherwise;
  }
  return value;
}

}  // namespace

std::optional<Settings> settings_from_environment() {
  Settings settings;
  settings.spool_dir = variable("HOPSIM_SPOOL_DIR");
  if (settings.spool_dir.empty()) {
    return std::nullopt;
  }
  const std::string_view graph_trace = variable("HOPSIM_GRAPH_TRACE");
  settings.graph_trace = graph_trace == "1";
  if (!graph_trace.empty() && graph_trace != "0" && graph_trace != "1") {
    settings.error = "HOPSIM_GRAPH_TRACE=" + std::string(graph_trace) + " is neither 0 nor 1";
  }
  settings.max_records = number("HOPSIM_MAX_RECORDS", 1, settings.max_records, settings.error);
  const auto period = static_cast<std::uint64_t>(settings.flush_period.count());
  constexpr std::uint64_t kHourMs = 3'600'000;
  settings.flush_period =
      std::chrono::milliseconds(std::min(number("HOPSIM_FLUSH_MS", 1, period, settings.error), kHourMs));
  return settings;
}

}  // namespace hopsim::collect
