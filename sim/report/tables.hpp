// SPDX-License-Identifier: Apache-2.0
// Tables of a result as CSV.
#pragma once

#include <string>

#include "report/results_file.hpp"

namespace hopsim::report {

/// Every point with all its columns.
[[nodiscard]] std::string points_csv(const Results& results);

/// Every critical point.
[[nodiscard]] std::string critical_csv(const Results& results);

}  // namespace hopsim::report
