// SPDX-License-Identifier: Apache-2.0
// Cuts a JSON file of any length into its values without holding it: a window slides over the file, `value`
// finds where the value at hand ends (brackets and strings are counted, nothing is parsed) and hands out its
// text. A capture is one array of a million small events, so memory is that of the window and of the largest
// event; the parser (simdjson) sees one event at a time, and an event that is no JSON spoils only itself.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/gzip_source.hpp"

namespace hopsim::trace::kineto {

class JsonStream {
 public:
  /// Bytes behind a value that may be read (simdjson reads past the end of its input).
  static constexpr std::size_t kPadding = 64;

  explicit JsonStream(io::GzipSource& source);

  /// The next character that is no white space, not consumed; 0 at the end of the file.
  [[nodiscard]] char peek();
  /// Consumes `c` if it is next.
  [[nodiscard]] bool accept(char c);
  /// Consumes `c`; throws InputError with the line when something else is next.
  void expect(char c);
  /// Consumes one complete value; the text is valid until the next call. Throws InputError when the file ends
  /// within.
  [[nodiscard]] std::string_view value();
  /// Throws InputError at the current place.
  [[noreturn]] void fail(const std::string& what, const std::string& allowed = "") const;

 private:
  [[nodiscard]] bool refill();  // false at the end of the file
  [[nodiscard]] std::size_t end_of_value();

  io::GzipSource* source_;
  std::unique_ptr<char[]> window_;
  std::size_t capacity_;
  std::size_t begin_ = 0, end_ = 0;    // what is in the window
  std::size_t line_ = 1, column_ = 1;  // of begin_
  bool ended_ = false;
};

}  // namespace hopsim::trace::kineto
