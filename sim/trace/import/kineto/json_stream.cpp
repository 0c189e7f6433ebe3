// SPDX-License-Identifier: Apache-2.0
#include "trace/import/kineto/json_stream.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/errors.hpp"

namespace hopsim::trace::kineto {

namespace {

constexpr std::size_t kWindow = 1U << 20U;
constexpr std::size_t kLargestValue = 1U << 28U;  // an event of 256 MiB is none

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Characters that matter outside of strings: 1 opens, 2 closes, 3 quote.
constexpr auto kMeaning = [] {
  std::array<unsigned char, 256> out{};
  out['{'] = out['['] = 1;
  out['}'] = out[']'] = 2;
  out['"'] = 3;
  return out;
}();

bool ends_scalar(char c) { return is_space(c) || c == ',' || c == '}' || c == ']'; }

// Whether the quote at `at` is escaped: an odd number of backslashes stands before it.
bool is_escaped(const char* text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] == '\\') {
    ++backslashes;
  }
  return backslashes % 2 == 1;
}

}  // namespace

JsonStream::JsonStream(io::GzipSource& source)
    : source_(&source), window_(std::make_unique<char[]>(kWindow + kPadding)), capacity_(kWindow) {}

void JsonStream::fail(const std::string& what, const std::string& allowed) const {
  const auto number = [](std::size_t n) { return static_cast<int>(std::min<std::size_t>(n, 1U << 30U)); };
  throw InputError(Location{source_->path(), number(line_), number(column_)}, what, allowed);
}

bool JsonStream::refill() {
  if (ended_) {
    return false;
  }
  if (begin_ > 0) {
    std::memmove(window_.get(), window_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    if (capacity_ >= kLargestValue) {
      fail("a single value is longer than 256 MiB", "a PyTorch profiler (Kineto) trace");
    }
    auto larger = std::make_unique<char[]>(2 * capacity_ + kPadding);
    std::memcpy(larger.get(), window_.get(), end_);
    window_ = std::move(larger);
    capacity_ *= 2;
  }
  const std::size_t got = source_->read(window_.get() + end_, capacity_ - end_);
  end_ += got;
  ended_ = got == 0;
  return !ended_;
}

char JsonStream::peek() {
  while (true) {
    for (; begin_ < end_; ++begin_) {
      const char c = window_[begin_];
      if (!is_space(c)) {
        return c;
      }
      line_ += c == '\n' ? 1 : 0;
      column_ = c == '\n' ? 1 : column_ + 1;
    }
    if (!refill()) {
      return 0;
    }
  }
}

bool JsonStream::accept(char c) {
  if (peek() != c) {
    return false;
  }
  ++begin_;
  ++column_;
  return true;
}

void JsonStream::expect(char c) {
  const char found = peek();
  if (found == 0) {
    fail("the file is cut off", "a whole file");
  }
  if (found != c) {
    fail(std::string("not JSON: '") + found + "' where '" + c + "' belongs");
  }
  ++begin_;
  ++column_;
}

// Length of the value at begin_, which is no white space.
std::size_t JsonStream::end_of_value() {
  std::size_t at = 0, depth = 0;
  bool in_string = false;
  const bool scalar = kMeaning[static_cast<unsigned char>(window_[begin_])] == 0;
  while (true) {
    const char* text = window_.get() + begin_;
    const std::size_t size = end_ - begin_;
    while (at < size) {
      if (in_string) {
        const void* quote = std::memchr(text + at, '"', size - at);
        at = quote == nullptr ? size : static_cast<std::size_t>(static_cast<const char*>(quote) - text) + 1;
        if (quote != nullptr && !is_escaped(text, at - 1)) {
          in_string = false;
          if (depth == 0) {
            return at;
          }
        }
        continue;
      }
      if (scalar) {
        if (ends_scalar(text[at])) {
          return at;
        }
        ++at;
        continue;
      }
      const unsigned char meaning = kMeaning[static_cast<unsigned char>(text[at])];
      ++at;
      if (meaning == 3) {
        in_string = true;
      } else if (meaning == 1) {
        ++depth;
      } else if (meaning == 2 && --depth == 0) {
        return at;
      }
    }
    if (!refill()) {
      if (scalar && at > 0) {
        return at;
      }
      fail("the file is cut off in the middle of a value", "a whole file");
    }
  }
}

std::string_view JsonStream::value() {
  const char first = peek();
  if (first == 0) {
    fail("the file is cut off", "a whole file");
  }
  if (first == ',' || first == ':' || kMeaning[static_cast<unsigned char>(first)] == 2) {
    fail(std::string("not JSON: '") + first + "' where a value belongs");
  }
  const std::size_t length = end_of_value();
  const std::string_view out(window_.get() + begin_, length);
  begin_ += length;
  const std::size_t last_break = out.rfind('\n');
  column_ = last_break == std::string_view::npos ? column_ + length : length - last_break;
  if (last_break != std::string_view::npos) {
    line_ += static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n'));
  }
  return out;
}

}  // namespace hopsim::trace::kineto
