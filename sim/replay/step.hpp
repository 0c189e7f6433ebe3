// SPDX-License-Identifier: Apache-2.0
// A costed step with what every replay asks of it, worked out once however many schedules hold it. Steps of
// one lowering on one machine differ between contexts only in the few kernels that grow: they share a shape,
// and a step is its shape with those kernels' own costs. Immutable; copies are cheap and share the shape.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/kernel_class.hpp"
#include "base/wide.hpp"
#include "cost/costed_step.hpp"
#include "replay/folded/folded_shape.hpp"

namespace hopsim::replay {

/// Sums over the tasks of a step: all kernels and calls, times and energies without the kernels that grow.
struct FixedWork {
  std::array<Wide, kKernelClassCount> busy_ps{}, energy_pj{};
  std::int64_t kernels = 0;
  std::int64_t host_calls = 0;
  Wide bound_ps = 0;  // the step's time where nothing overlaps
};

class Step {
 public:
  /// A step by itself. Throws InternalError when it breaks a rule of the contract (no tasks, a negative
  /// time), and InputError when it alone could last longer than a replay can hold.
  Step(cost::CostedStep costed);  // NOLINT(google-explicit-constructor): it is that step

  /// Costed for a window of contexts. The coster and the work must outlive every step that is moved from it.
  Step(const cost::StepCoster& coster, const lowering::StepWork& work, int first_ctx, int window);

  /// The same step for other contexts.
  [[nodiscard]] Step moved(int first_ctx, int window) const;

  /// With all its tasks.
  [[nodiscard]] cost::CostedStep costed() const;

  [[nodiscard]] const FixedWork& fixed_work() const { return shape_->fixed; }
  /// One after the other; each runs `times` in a step.
  template <class Action>
  void for_each_growing(Action action) const {
    for (std::size_t i = 0; i < growing_.size(); ++i) {
      action(growing_[i], shape_->times[i]);
    }
  }

  /// Time of the step where nothing overlaps, at offset 0 and per token of offset.
  [[nodiscard]] Wide bound_ps() const { return bound_ps_; }
  [[nodiscard]] Wide bound_slope_ps() const { return bound_slope_ps_; }

  /// After the step at an offset into its window, from `start`.
  [[nodiscard]] TimePair advance(TimePair start, std::int64_t offset) const {
    return shape_->folded.advance(growing_, start, offset);
  }
  /// The step's duration is a function of the offset alone when it starts with stream <= host.
  [[nodiscard]] bool closed() const { return shape_->folded.closed(); }

 private:
  struct Shape {
    Shape(cost::CostedStep step, std::vector<cost::GrowingTasks> places);

    cost::CostedStep costed;  // growing tasks as they were where it was first costed
    std::vector<cost::GrowingTasks> growing;
    std::vector<std::int64_t> times;  // that each of them runs in a step
    FixedWork fixed;
    FoldedShape folded;
    const cost::StepCoster* coster = nullptr;  // that moves it; none for a step by itself
    const lowering::StepWork* work = nullptr;
  };

  Step(std::shared_ptr<const Shape> shape, std::vector<cost::Task> growing);

  std::shared_ptr<const Shape> shape_;  // shared by all contexts, and by the schedules that hold them
  std::vector<cost::Task> growing_;
  Wide bound_ps_ = 0, bound_slope_ps_ = 0;
};

/// Throws InputError for a time that a replay's 64-bit picoseconds would not hold safely: 30 days.
void require_within_horizon(Wide longest_ps);

}  // namespace hopsim::replay
