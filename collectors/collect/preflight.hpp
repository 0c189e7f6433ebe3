// SPDX-License-Identifier: Apache-2.0
// Whether a capture can work here, before the program runs: a driver, a GPU, the injection library, CUPTI.
#pragma once

#include <string>

namespace hopsim::collect {

/// The injection library: beside this executable (a build folder), or where the prefix keeps it.
[[nodiscard]] std::string find_injection_library();

/// What is missing, in one line; empty where nothing is. The checks run in a process of their own, which
/// takes whatever the driver starts with it.
[[nodiscard]] std::string what_is_missing(const std::string& injection_library);

/// The hopsim command: $HOPSIM, beside or above this executable, or on the PATH; empty where there is none.
[[nodiscard]] std::string find_hopsim();

}  // namespace hopsim::collect
