// SPDX-License-Identifier: Apache-2.0
// Runs a function in a forked child and brings its bytes back. SimGrid allows one Engine a process and aborts
// its host on its own errors, so every simulation gets a process (reference: SimGrid issue 119).
#pragma once

#include <functional>
#include <string>

namespace hopsim {

/// What `work` returned in the child. Throws InternalError when the child died, threw (with its message) or
/// returned nothing. Call it from a single-threaded process.
[[nodiscard]] std::string run_in_child(const std::function<std::string()>& work);

}  // namespace hopsim
