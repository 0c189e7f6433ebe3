// SPDX-License-Identifier: Apache-2.0
// The tasks of a step as (max, +) matrices, with all that do not grow multiplied out: fixed, growing, fixed,
// ... Made once for all contexts of a step; a growing task's own matrix is put in where the step is replayed.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "cost/costed_step.hpp"
#include "replay/folded/max_plus.hpp"

namespace hopsim::replay {

class FoldedShape {
 public:
  /// `growing` by block and place.
  FoldedShape(const cost::CostedStep& step, std::span<const cost::GrowingTasks> growing);

  /// After the step, from `start`, with the growing tasks as given here, in order.
  [[nodiscard]] TimePair advance(std::span<const cost::Task> growing, TimePair start,
                                 std::int64_t offset) const;

  /// It ends in a synchronisation, and the stream's state before it can't matter.
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  struct Growing {
    MaxPlus before;     // of the fixed tasks since the growing one before it
    std::size_t count;  // equal tasks in a row
  };
  struct Block {
    std::vector<Growing> growing;
    MaxPlus tail;
  };

  template <class State>
  [[nodiscard]] State run(const Block& block, std::span<const cost::Task> growing, std::int64_t offset,
                          State state) const;

  std::array<Block, cost::kStepBlocks> blocks_;
  std::int64_t layers_;
  std::int64_t launch_ps_;
  bool closed_;
};

}  // namespace hopsim::replay
