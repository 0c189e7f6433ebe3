// SPDX-License-Identifier: Apache-2.0
// Three kinds of trouble, kept apart (house style 10):
//   InputError     the user's: a file, a flag, a name. Carries every finding of a file at once; exit code 2.
//   InternalError  ours: a broken invariant. Exit code 3.
//   an expected outcome is a return value, not an exception.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace hopsim {

/// A place in a file; line and column count from 1, 0 means "the file as a whole".
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  /// "FILE:LINE:COL", shortened where a part is unknown.
  [[nodiscard]] std::string text() const;
};

/// One thing that is wrong with an input, and what would be right.
struct Finding {
  Location where;
  std::string what;
  std::string allowed;  // may be empty

  /// "FILE:LINE:COL: what; allowed"
  [[nodiscard]] std::string text() const;
};

/// Bad input. `what()` is one line a finding, each starting with "error: ".
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Finding> findings);
  InputError(Location where, std::string what, std::string allowed = "");

  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }

 private:
  std::vector<Finding> findings_;
};

/// A broken invariant of hopsim itself.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Collects the findings of one file so that the user sees all of them at once.
class Findings {
 public:
  void add(Location where, std::string what, std::string allowed = "");
  [[nodiscard]] bool empty() const { return list_.empty(); }
  /// Throws InputError when there is any finding.
  void throw_if_any() const;

 private:
  std::vector<Finding> list_;
};

namespace detail {
[[noreturn]] void check_failed(const char* expression, const char* why, const char* file, int line);
}

}  // namespace hopsim

/// Invariant of our own code; active in release builds as well.
#define HOPSIM_CHECK(condition, why)                                         \
  do {                                                                       \
    if (!(condition)) {                                                      \
      ::hopsim::detail::check_failed(#condition, (why), __FILE__, __LINE__); \
    }                                                                        \
  } while (false)
