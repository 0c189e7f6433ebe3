// SPDX-License-Identifier: Apache-2.0
// A picture of predictions against measurements: both axes logarithmic, one colour a group, the diagonal and
// +-20 %.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hopsim::report {

/// Pairs of measured and predicted microseconds by group.
using ErrorPlotGroups = std::map<std::string, std::vector<std::pair<double, double>>>;

/// Writes FILE.png or FILE.svg. Throws InputError for another suffix or without gnuplot.
void write_error_plot(const std::string& path, const std::string& title, const ErrorPlotGroups& groups);

}  // namespace hopsim::report
