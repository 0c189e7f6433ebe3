// SPDX-License-Identifier: Apache-2.0
#include "replay/folded/folded_shape.hpp"

#include <optional>

#include "base/errors.hpp"

namespace hopsim::replay {

namespace {

using cost::CostedStep;
using cost::Task;

auto matrix_of(const Task& task, std::int64_t launch_ps, std::int64_t offset) -> MaxPlus {
  const std::int64_t d = task.dispatch_ps;
  const std::int64_t k = task.duration_ps + task.duration_slope_ps * offset;
  switch (task.kind) {
    case Task::Kind::kLaunch:
      return {d, kNever, d + launch_ps + k, k};
    case Task::Kind::kGraphLaunch:
      return {d, kNever, d + launch_ps, 0};
    case Task::Kind::kGraphNode:
      return {0, kNever, kNever, k};
    case Task::Kind::kHostWork:
      return {d, kNever, kNever, 0};
    case Task::Kind::kSync:
      return {d, d, kNever, 0};
  }
  throw InternalError("unknown task kind");
}

// Whether the stream's state before the step can't matter: its first stream action is a launch.
auto starts_with_launch(const CostedStep& step) -> std::optional<bool> {
  for (const auto* block : {&step.prologue, &step.layer, &step.epilogue}) {
    for (const Task& task : *block) {
      if (block == &step.layer && step.layers == 0) {
        break;
      }
      if (task.kind == Task::Kind::kGraphNode) {
        return false;
      }
      if (task.kind == Task::Kind::kLaunch || task.kind == Task::Kind::kGraphLaunch) {
        return true;
      }
    }
  }
  return std::nullopt;
}

auto ends_in_sync(const CostedStep& step) -> bool {
  return !step.epilogue.empty() && step.epilogue.back().kind == Task::Kind::kSync;
}

}  // namespace

FoldedShape::FoldedShape(const CostedStep& step, std::span<const cost::GrowingTasks> growing)
    : layers_(step.layers),
      launch_ps_(step.launch_ps),
      closed_(ends_in_sync(step) && starts_with_launch(step).value_or(true)) {
  const std::array<const std::vector<Task>*, cost::kStepBlocks> tasks = {&step.prologue, &step.layer,
                                                                         &step.epilogue};
  auto next = growing.begin();
  for (std::size_t b = 0; b < tasks.size(); ++b) {
    MaxPlus fixed;
    for (std::size_t i = 0; i < tasks[b]->size();) {
      if (next != growing.end() && next->block == b && next->first == i) {
        blocks_[b].growing.push_back({fixed, next->count});
        fixed = MaxPlus{};
        i += next->count;
        ++next;
      } else {
        fixed = matrix_of((*tasks[b])[i], launch_ps_, 0) * fixed;
        ++i;
      }
    }
    blocks_[b].tail = fixed;
  }
}

template <class State>
State FoldedShape::run(const Block& block, std::span<const Task> growing, std::int64_t offset,
                       State state) const {
  for (std::size_t i = 0; i < block.growing.size(); ++i) {
    const MaxPlus one = matrix_of(growing[i], launch_ps_, offset);
    state = block.growing[i].before * state;
    for (std::size_t c = 0; c < block.growing[i].count; ++c) {
      state = one * state;
    }
  }
  return block.tail * state;
}

TimePair FoldedShape::advance(std::span<const Task> growing, TimePair start, std::int64_t offset) const {
  const auto& [prologue, layer, epilogue] = blocks_;
  const std::span of_layer = growing.subspan(prologue.growing.size());
  const TimePair before = run(prologue, growing, offset, start);
  const TimePair after = power(run(layer, of_layer, offset, MaxPlus{}), layers_) * before;
  return run(epilogue, of_layer.subspan(layer.growing.size()), offset, after);
}

}  // namespace hopsim::replay
