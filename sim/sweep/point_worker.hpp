// SPDX-License-Identifier: Apache-2.0
// Computes blocks of points, one after the other, for one thread or process. Consecutive blocks of one model
// and batch share the lowering.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sweep/bench.hpp"
#include "sweep/log_ratios.hpp"
#include "sweep/point_record.hpp"

namespace hopsim::sweep {

class PointWorker {
 public:
  /// Everything given must outlive it. Tells `known`, if any, what B* will ask for.
  PointWorker(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine,
              const metrics::SiOptions& si, KnownRatios* known = nullptr);

  /// One record a row of the block.
  [[nodiscard]] std::vector<PointRecord> compute(const Block& block);

 private:
  void compute_place(std::size_t first_row, std::vector<PointRecord>& out);
  [[nodiscard]] const metrics::PointResult& anchor(std::size_t machine, std::size_t stack, std::size_t chain);

  const Plan& plan_;
  const StackCopies& stacks_;
  const replay::Engine& engine_;
  metrics::SiOptions si_;
  KnownRatios* known_;
  std::pair<std::size_t, std::size_t> unit_;  // model, batch
  std::optional<Bench> bench_;                // of that
  // Anchors of the last machine and chain: variants of the other stacks share them.
  std::pair<std::size_t, std::size_t> anchors_of_;
  std::map<std::size_t, metrics::PointResult> anchors_;
};

}  // namespace hopsim::sweep
