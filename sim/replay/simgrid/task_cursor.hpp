// SPDX-License-Identifier: Apache-2.0
// Walks the tasks of a schedule one by one, in order, without unrolling it: hop, run, step, block, layer,
// task.
#pragma once

#include <cstdint>
#include <vector>

#include "base/errors.hpp"
#include "replay/contract.hpp"

namespace hopsim::replay {

class TaskCursor {
 public:
  explicit TaskCursor(const Schedule& schedule) : schedule_(schedule) {
    for (const Step& step : schedule.steps) {
      steps_.push_back(step.costed());
    }
    settle_hop();
  }

  [[nodiscard]] std::size_t hop() const { return hop_; }
  /// Whether the current hop has a task left.
  [[nodiscard]] bool has_task() const { return block_ < kBlocks; }
  [[nodiscard]] const cost::Task& task() const { return (*tasks_)[task_]; }
  [[nodiscard]] std::int64_t offset() const { return run().first_offset + step_in_run_; }
  [[nodiscard]] std::int64_t launch_ps() const { return step().launch_ps; }

  /// Past the current task; adds the steps that end with it to `steps_done`.
  void advance(std::int64_t& steps_done) {
    ++task_;
    settle(steps_done);
  }

  void next_hop() {
    HOPSIM_CHECK(!has_task(), "a hop was left before its end");
    ++hop_;
    settle_hop();
  }

 private:
  static constexpr int kBlocks = 3;

  [[nodiscard]] const StepRun& run() const { return schedule_.hops[hop_].runs[run_]; }
  [[nodiscard]] const cost::CostedStep& step() const { return steps_[run().step]; }

  void enter_block() {
    const cost::CostedStep& now = step();
    tasks_ = block_ == 0 ? &now.prologue : block_ == 1 ? &now.layer : &now.epilogue;
    repeats_left_ = block_ == 1 ? now.layers : 1;
    task_ = 0;
  }

  void settle_hop() {
    run_ = 0;
    step_in_run_ = 0;
    block_ = kBlocks;
    if (hop_ < schedule_.hops.size() && !schedule_.hops[hop_].runs.empty()) {
      block_ = 0;
      enter_block();
      std::int64_t no_step_done = 0;
      settle(no_step_done);
    }
  }

  // Moves over ends of lists and empty blocks until the cursor stands on a task or the hop is over.
  void settle(std::int64_t& steps_done) {
    while (block_ < kBlocks) {
      if (repeats_left_ > 0 && task_ < tasks_->size()) {
        return;
      }
      if (repeats_left_ > 1 && !tasks_->empty()) {
        --repeats_left_;
        task_ = 0;
      } else if (++block_ < kBlocks) {
        enter_block();
      } else {
        ++steps_done;
        next_step();
      }
    }
  }

  void next_step() {
    if (++step_in_run_ == run().count) {
      step_in_run_ = 0;
      if (++run_ == schedule_.hops[hop_].runs.size()) {
        return;
      }
    }
    block_ = 0;
    enter_block();
  }

  const Schedule& schedule_;
  std::vector<cost::CostedStep> steps_;
  std::size_t hop_ = 0;
  std::size_t run_ = 0;
  std::int64_t step_in_run_ = 0;
  int block_ = 0;
  const std::vector<cost::Task>* tasks_ = nullptr;
  std::int64_t repeats_left_ = 0;
  std::size_t task_ = 0;
};

}  // namespace hopsim::replay
