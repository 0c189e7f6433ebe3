// SPDX-License-Identifier: Apache-2.0
// An experiment under many sets of parameters (cost/draw.hpp): for each point the share of draws that agree
// with its verdict and intervals of its ratios to 16 bit, for each critical point its interval. A draw is the
// whole experiment again: every point replayed, every crossing sought anew. A block of points and a search
// are drawn right after they were computed, by the same worker, so that bands stream, are stored and are
// resumed with what they are about. The same for any pool.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/bands.hpp"
#include "replay/contract.hpp"
#include "sweep/critical_search.hpp"
#include "sweep/plan.hpp"
#include "sweep/point_record.hpp"

namespace hopsim::sweep {

struct DrawOptions {
  int draws = 0;  // 0: none
  std::uint64_t seed = 1;
};

/// All draws of a plan, shared by the workers.
class DrawnPlans {
 public:
  /// Throws InputError where draws x machines would not fit into memory. The plan must outlive it.
  DrawnPlans(const Plan& plan, const DrawOptions& options);

  [[nodiscard]] std::size_t size() const { return plans_.size(); }
  [[nodiscard]] const Plan& at(std::size_t i) const { return plans_[i]; }
  /// Makes copies of the plan's stacks those of draw i.
  void set_stacks(std::size_t i, StackCopies& stacks) const;

 private:
  [[nodiscard]] cost::Draw draw(std::size_t i) const { return {options_.seed, i}; }

  const Plan& plan_;
  DrawOptions options_;
  std::vector<Plan> plans_;
};

/// Repeats under every draw what one worker computed. Everything given must outlive it.
class DrawWorker {
 public:
  DrawWorker(const Plan& plan, const DrawnPlans& draws, const replay::Engine& engine)
      : draws_(draws), engine_(engine), stacks_(copy_stacks(plan)) {}

  /// One a row of the block; `stated` are its records under the profiles as they are.
  [[nodiscard]] std::vector<metrics::PointBands> points(const Block& block,
                                                        std::span<const PointRecord> stated);
  /// Sets the bands of a search's rows.
  void critical(std::size_t unit, std::vector<CriticalRow>& stated);

 private:
  const DrawnPlans& draws_;
  const replay::Engine& engine_;
  StackCopies stacks_;  // of the draw in work
};

}  // namespace hopsim::sweep
