// SPDX-License-Identifier: Apache-2.0
// Arithmetic expressions of a stack file ("2*m*n*k", "new == 1"), parsed once and evaluated many times.
// muParser stays behind this header. An Expression is not shared between threads: copy it (a copy parses
// again).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/errors.hpp"

namespace hopsim::io {

/// Names an expression may use, in the order in which `evaluate` takes their values.
using VariableNames = std::vector<std::string>;

class Expression {
 public:
  /// Parses `text`; a syntax error or an unknown name is an InputError at `at`.
  Expression(const std::string& text, const VariableNames& names, const Location& at);
  Expression(const Expression& other);
  Expression& operator=(const Expression& other);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  /// The value; `values` has one entry a name. Throws InputError when the result is not a finite number.
  [[nodiscard]] double evaluate(const std::vector<double>& values) const;

  /// Whether the expression uses a variable, by its place among the names.
  [[nodiscard]] bool uses(std::size_t variable) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const Location& at() const { return at_; }

 private:
  struct Impl;
  std::string text_;
  Location at_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hopsim::io
