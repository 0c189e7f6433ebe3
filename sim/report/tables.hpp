// SPDX-License-Identifier: Apache-2.0
// Tables of a result as CSV.
#pragma once

#include <string>

#include "report/results_file.hpp"

namespace hopsim::report {

/// "1.2B": two digits, or whole billions.
[[nodiscard]] std::string billions(double params);

/// Every point with all its columns; cells that don't apply (what does not run, what has no anchor) are
/// empty.
[[nodiscard]] std::string points_csv(const Results& results);

/// Every critical point.
[[nodiscard]] std::string critical_csv(const Results& results);

/// N* at up to three batches and B* of up to three models, of latency and of energy, for a terminal: "<2B"
/// trapped below 2B parameters, ">=4" trapped from batch 4 on, "always", "never", "-" where nothing fits. For
/// experiments with one host, one chain and nothing varied.
[[nodiscard]] std::string critical_text(const std::vector<CriticalPointRow>& critical);

}  // namespace hopsim::report
