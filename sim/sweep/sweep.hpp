// SPDX-License-Identifier: Apache-2.0
// A grid of points and its critical points, by a pool of workers. Points stream: blocks are handed to the
// caller as they finish, in any order, and nothing is kept. The outcome is the same for any pool, since every
// block is computed alone.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sweep/critical_search.hpp"
#include "sweep/draws.hpp"
#include "sweep/plan.hpp"
#include "sweep/point_record.hpp"
#include "sweep/pool.hpp"

namespace hopsim::sweep {

struct Options {
  metrics::SiOptions si;
  bool critical = true;               // seek what the experiment asks for
  const DrawnPlans* draws = nullptr;  // bands over these, too
  /// Blocks that are known already are left out; none where this is not set.
  std::function<bool(std::size_t block)> known;
  /// Takes the records of a block, and of a run with draws a band for each. Called from one thread at a time.
  std::function<void(std::size_t block, std::span<const PointRecord>, std::span<const metrics::PointBands>)>
      store;
  /// Called from one thread at a time.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

struct Outcome {
  std::int64_t points = 0;   // computed, those that were known not counted
  std::int64_t kernels = 0;  // of these
  std::vector<CriticalRow> critical;
  double points_wall_s = 0;    // until the last point was stored
  double critical_wall_s = 0;  // from then on: the rest of the search for critical points
};

/// Runs the plan. In a pool that does not take, only works for the process that does, and returns nothing.
[[nodiscard]] Outcome run(const Plan& plan, const replay::Engine& engine, Pool& pool, const Options& options);

/// What a run would cost, from a few blocks spread over the grid.
struct Estimate {
  double kernels = 0;
  double seconds = 0;  // with so many workers
};
[[nodiscard]] Estimate estimate(const Plan& plan, const replay::Engine& engine, int workers);

}  // namespace hopsim::sweep
