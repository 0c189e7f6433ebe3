// SPDX-License-Identifier: Apache-2.0
// One use of hopsim-collect: check, run the program traced, look at what came, measure energy, import.
#pragma once

#include "collect/options.hpp"

namespace hopsim::collect {

/// Exit status: the program's where that is not 0; 1 the capture is doubtful; 2 there is no capture.
[[nodiscard]] int collect(const Options& options);

}  // namespace hopsim::collect
