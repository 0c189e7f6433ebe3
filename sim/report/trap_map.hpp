// SPDX-License-Identifier: Apache-2.0
// The trap map of one GPU as a picture: a panel a stack, batch across, model size up, colour for the energy
// ratio against 16 bit, a letter for the verdict.
#pragma once

#include <string>
#include <vector>

#include "report/results_file.hpp"

namespace hopsim::report {

/// What one picture shows: all quantised stacks at one of everything else.
struct MapView {
  std::string gpu;
  std::string host;
  std::string chain;
  std::vector<double> varied;  // of Results::varied
  friend bool operator==(const MapView&, const MapView&) = default;
};

/// One view for each GPU, host, chain and combination of varied fields, in the order of the results.
[[nodiscard]] std::vector<MapView> map_views(const Results& results);

/// A file name for one of all views: map_GPU, with host and chain where there are several, and varied fields.
[[nodiscard]] std::string map_name(const Results& results, const std::vector<MapView>& all,
                                   const MapView& view);

/// Draws the picture into `path` (.png or .svg), whole or not at all. False when there is nothing to compare.
[[nodiscard]] bool draw_map(const Results& results, const MapView& view, const std::string& path);

}  // namespace hopsim::report
