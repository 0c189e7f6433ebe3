// SPDX-License-Identifier: Apache-2.0
#include "replay/step.hpp"

#include <algorithm>

#include "base/errors.hpp"

namespace hopsim::replay {

namespace {

using cost::CostedStep;
using cost::GrowingTasks;
using cost::Task;

void check_task(const Task& task) {
  HOPSIM_CHECK(task.dispatch_ps >= 0 && task.duration_ps >= 0, "a task has a negative time");
  HOPSIM_CHECK(task.is_kernel() || (task.duration_ps == 0 && task.duration_slope_ps == 0),
               "only kernels take time on the stream");
}

void check_step(const CostedStep& step) {
  HOPSIM_CHECK(step.layers >= 0 && step.launch_ps >= 0, "a step has negative layers or latency");
  HOPSIM_CHECK(!step.prologue.empty() || !step.epilogue.empty() || (step.layers > 0 && !step.layer.empty()),
               "a step has no tasks");
  for (const auto* block : {&step.prologue, &step.layer, &step.epilogue}) {
    for (const Task& task : *block) {
      check_task(task);
    }
  }
}

auto growing_by_itself(const CostedStep& step) -> std::vector<GrowingTasks> {
  std::vector<GrowingTasks> out;
  for (std::size_t block = 0; block < cost::kStepBlocks; ++block) {
    const std::vector<Task>& tasks = step.block(block);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].duration_slope_ps != 0 || tasks[i].energy_slope_pj != 0) {
        out.push_back({nullptr, nullptr, block, i, 1});
      }
    }
  }
  return out;
}

auto tasks_at(const CostedStep& step, const std::vector<GrowingTasks>& places) -> std::vector<Task> {
  std::vector<Task> out;
  out.reserve(places.size());
  for (const GrowingTasks& place : places) {
    out.push_back(step.block(place.block)[place.first]);
  }
  return out;
}

auto repeats(const CostedStep& step, std::size_t block) -> std::int64_t {
  return block == cost::kLayerBlock ? step.layers : 1;
}

// The step is checked: one that fits into the horizon can be folded without overflow.
auto fixed_work_of(const CostedStep& step, const std::vector<GrowingTasks>& places) -> FixedWork {
  check_step(step);
  FixedWork out;
  auto next = places.begin();
  for (std::size_t b = 0; b < cost::kStepBlocks; ++b) {
    const std::vector<Task>& tasks = step.block(b);
    const std::int64_t times = repeats(step, b);
    Wide bound = 0;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const Task& task = tasks[i];
      while (next != places.end() &&
             (next->block < b || (next->block == b && next->first + next->count <= i))) {
        ++next;
      }
      const bool grows = next != places.end() && next->block == b && next->first <= i;
      bound += static_cast<Wide>(task.dispatch_ps) + step.launch_ps + (grows ? 0 : task.duration_ps);
      out.host_calls += task.kind == Task::Kind::kGraphNode ? 0 : times;
      out.kernels += task.is_kernel() ? times : 0;
      if (task.is_kernel() && !grows) {
        out.busy_ps[static_cast<std::size_t>(task.cls)] += static_cast<Wide>(task.duration_ps) * times;
        out.energy_pj[static_cast<std::size_t>(task.cls)] += static_cast<Wide>(task.energy_pj) * times;
      }
    }
    out.bound_ps += bound * times;
  }
  require_within_horizon(out.bound_ps);
  return out;
}

}  // namespace

Step::Shape::Shape(CostedStep step, std::vector<GrowingTasks> places)
    : costed(std::move(step)),
      growing(std::move(places)),
      fixed(fixed_work_of(costed, growing)),
      folded(costed, growing) {
  for (const GrowingTasks& place : growing) {
    times.push_back(repeats(costed, place.block) * static_cast<std::int64_t>(place.count));
  }
}

Step::Step(std::shared_ptr<const Shape> shape, std::vector<Task> growing)
    : shape_(std::move(shape)), growing_(std::move(growing)), bound_ps_(shape_->fixed.bound_ps) {
  for_each_growing([this](const Task& task, std::int64_t times) {
    check_task(task);
    bound_ps_ += static_cast<Wide>(task.duration_ps) * times;
    bound_slope_ps_ += static_cast<Wide>(task.duration_slope_ps) * times;
  });
}

Step::Step(CostedStep costed) {
  std::vector<GrowingTasks> places = growing_by_itself(costed);
  std::vector<Task> growing = tasks_at(costed, places);
  *this = Step(std::make_shared<const Shape>(std::move(costed), std::move(places)), std::move(growing));
}

Step::Step(const cost::StepCoster& coster, const lowering::StepWork& work, int first_ctx, int window) {
  const auto shape = std::make_shared<Shape>(coster.cost(work, first_ctx, window), coster.growing(work));
  shape->coster = &coster;
  shape->work = &work;
  std::vector<Task> growing = tasks_at(shape->costed, shape->growing);
  *this = Step(shape, std::move(growing));
}

Step Step::moved(int first_ctx, int window) const {
  HOPSIM_CHECK(shape_->coster != nullptr, "only a step that a coster made can be moved");
  std::vector<Task> growing = growing_;
  for (std::size_t i = 0; i < growing.size(); ++i) {
    shape_->coster->cost_at(shape_->growing[i], shape_->work->attention, first_ctx, window, growing[i]);
  }
  return {shape_, std::move(growing)};
}

CostedStep Step::costed() const {
  CostedStep out = shape_->costed;
  for (std::size_t i = 0; i < growing_.size(); ++i) {
    const GrowingTasks& place = shape_->growing[i];
    const auto first = out.block(place.block).begin() + static_cast<std::ptrdiff_t>(place.first);
    std::fill_n(first, place.count, growing_[i]);
  }
  return out;
}

void require_within_horizon(Wide longest_ps) {
  constexpr Wide kLongest_ps = static_cast<Wide>(30) * 86400 * 1'000'000'000'000;
  if (longest_ps > kLongest_ps) {
    throw InputError(Location{}, "the chain could last longer than 30 days",
                     "shorter pauses, fewer tokens, a smaller batch");
  }
}

}  // namespace hopsim::replay
