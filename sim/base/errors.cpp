// SPDX-License-Identifier: Apache-2.0
#include "base/errors.hpp"

#include <cstring>
#include <utility>

namespace hopsim {

namespace {

auto message_of(const std::vector<Finding>& findings) -> std::string {
  std::string out;
  for (const Finding& finding : findings) {
    out += (out.empty() ? "error: " : "\nerror: ") + finding.text();
  }
  return out;
}

}  // namespace

std::string Location::text() const {
  std::string out = file;
  if (line > 0) {
    out.append(":").append(std::to_string(line)).append(":").append(std::to_string(column));
  }
  return out;
}

std::string Finding::text() const {
  std::string out = where.text();
  if (!out.empty()) {
    out += ": ";
  }
  out += what;
  if (!allowed.empty()) {
    out += "; " + allowed;
  }
  return out;
}

InputError::InputError(std::vector<Finding> findings)
    : std::runtime_error(message_of(findings)), findings_(std::move(findings)) {}

InputError::InputError(Location where, std::string what, std::string allowed)
    : InputError(std::vector<Finding>{{std::move(where), std::move(what), std::move(allowed)}}) {}

void Findings::add(Location where, std::string what, std::string allowed) {
  list_.push_back({std::move(where), std::move(what), std::move(allowed)});
}

void Findings::throw_if_any() const {
  if (!list_.empty()) {
    throw InputError(list_);
  }
}

void detail::check_failed(const char* expression, const char* why, const char* file, int line) {
  const char* name = std::strrchr(file, '/');
  throw InternalError(std::string(why) + " (" + expression + " at " + (name != nullptr ? name + 1 : file) +
                      ":" + std::to_string(line) + ")");
}

}  // namespace hopsim
