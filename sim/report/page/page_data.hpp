// SPDX-License-Identifier: Apache-2.0
// The numbers of a page: axes, and for each view (GPU, host, chain, varied fields) its cells as columns,
// place by place: stack slowest, then model, then batch. Numbers have four digits; every point and digit is
// in points.csv. Where the results hold more than a page can carry, whole combinations of varied fields are
// left out, spread evenly, and the page says so.
#pragma once

#include <cstddef>

#include "io/json.hpp"
#include "report/results_file.hpp"
#include "report/trap_map.hpp"

namespace hopsim::report {

/// The views that `most_points` points have room for, at least one; the combination with all varied fields at
/// 1 first among those that stay, for it is the profile as shipped.
[[nodiscard]] std::vector<MapView> page_views(const Results& results, std::size_t most_points);

/// Axes, views, cells, and critical points of these views.
[[nodiscard]] io::Json page_data(const Results& results, const std::vector<MapView>& views);

}  // namespace hopsim::report
