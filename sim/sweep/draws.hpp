// SPDX-License-Identifier: Apache-2.0
// An experiment under many sets of parameters (cost/draw.hpp): for each point the share of draws that agree
// with its verdict and intervals of its ratios to 16 bit, for each critical point its interval. A draw is the
// whole experiment again: every point replayed, every crossing sought anew. The same for any pool.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "metrics/bands.hpp"
#include "replay/contract.hpp"
#include "sweep/plan.hpp"
#include "sweep/pool.hpp"

namespace hopsim::sweep {

struct DrawOptions {
  int draws = 0;  // 0: none
  std::uint64_t seed = 1;
};

struct Bands {
  DrawOptions drawn;
  std::vector<metrics::PointBands> points;       // one a row of the grid
  std::vector<metrics::CriticalBands> critical;  // one a row of Outcome::critical
};

/// Throws InputError where draws x machines would not fit into memory. In a pool that does not take, only
/// works for the process that does, and returns nothing.
[[nodiscard]] Bands draw_bands(const Plan& plan, const replay::Engine& engine, Pool& pool,
                               const DrawOptions& options,
                               const std::function<void(std::size_t, std::size_t)>& progress);

/// Takes part in the phases of draw_bands without units, where there is nothing to do but other ranks wait.
void skip_draw_bands(Pool& pool);

}  // namespace hopsim::sweep
