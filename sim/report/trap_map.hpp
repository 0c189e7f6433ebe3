// SPDX-License-Identifier: Apache-2.0
// The trap map of one GPU as a picture: a panel a stack, batch across, model size up, colour for the energy
// ratio against 16 bit, a letter for the verdict.
#pragma once

#include <string>
#include <vector>

#include "report/results_file.hpp"

namespace hopsim::report {

/// What one picture shows: the first host and chain of the results, all quantised stacks.
struct MapView {
  std::string gpu;
  std::string host;
  std::string chain;
};

/// One view for each GPU, host and chain of the results, in their order.
[[nodiscard]] std::vector<MapView> map_views(const Results& results);

/// A file name for the view: map_GPU, with host and chain where the results hold several.
[[nodiscard]] std::string map_name(const Results& results, const MapView& view);

/// Draws the picture into `path` (.png or .svg), whole or not at all.
void draw_map(const Results& results, const MapView& view, const std::string& path);

}  // namespace hopsim::report
