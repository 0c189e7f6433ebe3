// SPDX-License-Identifier: Apache-2.0
#include "io/expression.hpp"

#include <muParser.h>

#include <cmath>

#include "base/text.hpp"

namespace hopsim::io {

namespace {

// An '=' that is no comparison: muParser would assign to the variable.
auto assigns(const std::string& text) -> bool {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool comparison = (i > 0 && std::string("=<>!").find(text[i - 1]) != std::string::npos) ||
                            (i + 1 < text.size() && text[i + 1] == '=');
    if (text[i] == '=' && !comparison) {
      return true;
    }
  }
  return false;
}

}  // namespace

struct Expression::Impl {
  VariableNames names;
  std::vector<double> values;  // muParser reads them through pointers
  mu::Parser parser;
  std::vector<bool> used;  // by name
  bool constant = false;
  double constant_value = 0;
};

Expression::Expression(const std::string& text, const VariableNames& names, const Location& at)
    : text_(text), at_(at), impl_(std::make_unique<Impl>()) {
  if (assigns(text)) {
    throw InputError(at, "bad expression '" + text + "': '=' changes a variable", "compare with ==");
  }
  impl_->names = names;
  impl_->values.assign(names.size(), 1.0);
  try {
    for (std::size_t i = 0; i < names.size(); ++i) {
      impl_->parser.DefineVar(names[i], &impl_->values[i]);
    }
    impl_->parser.SetExpr(text);
    const mu::varmap_type& used = impl_->parser.GetUsedVar();
    for (const std::string& name : names) {
      impl_->used.push_back(used.contains(name));
    }
    impl_->constant = used.empty();
    impl_->constant_value = impl_->parser.Eval();
    if (impl_->parser.GetNumResults() != 1) {
      throw InputError(at, "bad expression '" + text + "': more than one value");
    }
  } catch (const mu::Parser::exception_type& e) {
    const std::string token = e.GetToken();
    throw InputError(at, "bad expression '" + text + "': " + e.GetMsg(), suggestion(token, names));
  }
}

Expression::Expression(const Expression& other) : Expression(other.text_, other.impl_->names, other.at_) {}
Expression& Expression::operator=(const Expression& other) {
  *this = Expression(other);
  return *this;
}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

bool Expression::uses(std::size_t variable) const { return impl_->used[variable]; }

double Expression::evaluate(const std::vector<double>& values) const {
  double out = impl_->constant_value;
  if (!impl_->constant) {
    HOPSIM_CHECK(values.size() == impl_->values.size(), "one value for each variable");
    impl_->values = values;
    out = impl_->parser.Eval();
  }
  if (!std::isfinite(out)) {
    throw InputError(at_, "expression '" + text_ + "' gives no finite number here");
  }
  return out;
}

}  // namespace hopsim::io
