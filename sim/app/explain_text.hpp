// SPDX-License-Identifier: Apache-2.0
// How `hopsim explain` tells its result: as JSON, or as waterfalls from 16 bit to the stack, at most 100
// columns wide.
#pragma once

#include <string>

#include "app/run_text.hpp"
#include "io/json.hpp"
#include "metrics/explain.hpp"

namespace hopsim::app {

/// `explained` is nullptr where the point or 16 bit can't run.
[[nodiscard]] io::Json explain_json(const RunReport& report, const metrics::Explanation* explained);
[[nodiscard]] std::string explain_text(const RunReport& report, const metrics::Explanation* explained,
                                       const Style& style);
/// The verdict, and the largest cause of time and of energy, in a line.
[[nodiscard]] std::string explain_line(const RunReport& report, const metrics::Explanation* explained);

}  // namespace hopsim::app
