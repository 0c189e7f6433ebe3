// SPDX-License-Identifier: Apache-2.0
// One event of a Kineto trace, as far as hopsim uses it. Dialects differ in spelling only ("Kernel" of 2021,
// "kernel" of today), so they end here: a category is an enumeration, a time is in nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hopsim::trace::kineto {

enum class Category {
  kKernel,
  kMemcpy,
  kMemset,
  kCall,
  kSync,
  kOperator,
  kAnnotation,
  kOverhead,
  kFlow,       // arrows; the correlation ids say the same
  kRedundant,  // tells nothing about GPU work: Python functions, allocations, projected annotations
  kMetadata,   // ph M, and the profiler's own marks
  kUnknown
};

struct Event {
  Category category = Category::kUnknown;
  std::string_view category_text, name, thread;  // valid until the next parse
  char phase = 0;
  std::optional<std::int64_t> start_ns, duration_ns, thread_id;
  // args
  std::optional<std::int64_t> device, context, stream, correlation, registers, shared_memory, bytes, graph_id,
      graph_node;
  std::optional<std::int64_t> waits_for_stream, waits_for_correlation, event_id;
  std::array<std::int64_t, 3> grid{}, block{};
  std::string_view sync_kind;
  std::vector<std::vector<std::int64_t>> dims;  // operands of a matrix product
  std::string dtype;                            // of the first operand
};

/// Reads events; keeps its buffers.
class EventParser {
 public:
  EventParser();
  ~EventParser();
  EventParser(const EventParser&) = delete;
  EventParser& operator=(const EventParser&) = delete;

  /// `text` is one JSON value with JsonStream::kPadding readable bytes behind it. False when it is no JSON
  /// object. What is missing in the event, or is no number where one belongs, stays empty.
  [[nodiscard]] bool parse(std::string_view text, Event& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Decimal microseconds as nanoseconds, to the last digit: "7656582823613.583" does not fit a double. Quotes
/// around the number are allowed. Nothing when it is no number or beyond 292 years.
[[nodiscard]] std::optional<std::int64_t> parse_microseconds(std::string_view token);

/// Facts of the trace's head.
struct DeviceProperties {
  std::int64_t id = 0, memory_bytes = 0, sms = 0;
  std::string name;
};
[[nodiscard]] std::vector<DeviceProperties> parse_device_properties(std::string_view text);
/// A top-level scalar or a member of a top-level object as text; empty where there is none.
[[nodiscard]] std::string parse_scalar(std::string_view text);
[[nodiscard]] std::string parse_member(std::string_view text, std::string_view key);

}  // namespace hopsim::trace::kineto
