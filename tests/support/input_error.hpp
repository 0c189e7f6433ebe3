// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/errors.hpp"

namespace hopsim::test {

/// The message of the InputError that `action` throws, or "" when it throws none.
template <class Action>
std::string input_error(Action action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace hopsim::test
