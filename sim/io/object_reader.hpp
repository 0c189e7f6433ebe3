// SPDX-License-Identifier: Apache-2.0
// Strict reading of one mapping: every key is asked for by name, with its range; what was not asked for is an
// error with "did you mean", and a key with the right stem but another unit is told so. Findings are
// collected, not thrown, so that a user sees all of a file's mistakes at once; after a finding a getter
// returns a harmless value inside the allowed range.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "io/value.hpp"

namespace hopsim::io {

/// Allowed numbers: [low, high], or (low, high] when `open_low`.
struct Range {
  double low;
  double high;
  bool open_low = false;

  [[nodiscard]] bool contains(double x) const { return (open_low ? x > low : x >= low) && x <= high; }
  [[nodiscard]] std::string text() const;
};

inline constexpr Range kPositive{0, 1e18, true};
inline constexpr Range kNonNegative{0, 1e18};
inline constexpr Range kFraction{0, 1};

class ObjectReader {
 public:
  /// `value` must outlive the reader. A value that is no mapping is a finding and reads as an empty mapping.
  ObjectReader(const Value& value, Findings& findings);

  [[nodiscard]] bool has(std::string_view key);

  /// Required fields.
  [[nodiscard]] std::string text(std::string_view key);
  [[nodiscard]] double number(std::string_view key, Range range);
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  [[nodiscard]] bool flag(std::string_view key);
  /// Index into `choices`.
  [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string>& choices);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  /// The raw value; a null value when missing.
  [[nodiscard]] const Value& child(std::string_view key);

  /// Optional fields: the same, or nothing where the key is absent.
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view key);
  [[nodiscard]] std::optional<double> optional_number(std::string_view key, Range range);
  [[nodiscard]] const Value* optional_child(std::string_view key);

  /// Accepts a key without reading it.
  void ignore(std::string_view key);

  /// Reports unknown keys. Call once, last.
  void finish();

  [[nodiscard]] const Location& at() const { return value_->at; }
  void complain(std::string_view key, std::string what, std::string allowed = "");

 private:
  [[nodiscard]] const Value* get(std::string_view key, bool required);
  [[nodiscard]] Location where(std::string_view key) const;

  const Value* value_;
  Findings* findings_;
  std::vector<std::string> known_;
};

/// Strict number: decimal or scientific notation, finite, nothing after it. "NaN", "inf" and quoted text are
/// refused.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// Reads a scalar as a number in range; adds a finding and returns a value inside the range otherwise.
[[nodiscard]] double number_in(const Value& value, std::string_view name, Range range, Findings& findings);

/// Checks the first line of our files, `hopsim: <kind>/1`.
void check_header(ObjectReader& reader, std::string_view kind);

}  // namespace hopsim::io
