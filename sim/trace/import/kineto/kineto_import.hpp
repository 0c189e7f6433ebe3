// SPDX-License-Identifier: Apache-2.0
// PyTorch profiler (Kineto) traces: Chrome trace JSON, plain or gzip, an object with "traceEvents" or a bare
// array, of the dialects from 2021 to now. Read in one pass, event by event, so memory is that of the
// records.
#pragma once

#include <string>

#include "trace/draft.hpp"

namespace hopsim::trace::kineto {

/// Throws InputError: not JSON, no trace in it, cut off.
[[nodiscard]] Draft read_kineto(const std::string& path);

}  // namespace hopsim::trace::kineto
