// SPDX-License-Identifier: Apache-2.0
// Tables of what the draws of a sweep say. Empty texts for results without draws.
#pragma once

#include <string>

#include "report/results_file.hpp"

namespace hopsim::report {

/// Every point that is compared with 16 bit: its place, its verdict, and its bands.
[[nodiscard]] std::string point_bands_csv(const Results& results);

/// Every critical point with its 5 to 95 % interval and the shares of draws.
[[nodiscard]] std::string critical_bands_csv(const Results& results);

/// How firm the verdicts are, and N* at the smallest batch with intervals, for a terminal.
[[nodiscard]] std::string bands_text(const BandTables& bands, const std::vector<CriticalPointRow>& critical);

}  // namespace hopsim::report
