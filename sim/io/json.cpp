// SPDX-License-Identifier: Apache-2.0
#include "io/json.hpp"

#include <cmath>

#include "base/errors.hpp"

namespace hopsim::io {

namespace {

void check_finite(const Json& node) {
  if (node.is_number_float()) {
    HOPSIM_CHECK(std::isfinite(node.get<double>()), "a result is not a finite number");
  }
  if (node.is_structured()) {
    for (const Json& child : node) {
      check_finite(child);
    }
  }
}

}  // namespace

std::string to_text(const Json& document) {
  check_finite(document);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hopsim::io
