// SPDX-License-Identifier: Apache-2.0
// Evaluation of one model at one batch on any machine, stack and chain of a plan.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "metrics/point.hpp"
#include "sweep/plan.hpp"

namespace hopsim::sweep {

/// The stacks of a plan, copied for one worker: expressions are not shared between threads, and parsing them
/// is dear.
using StackCopies = std::vector<spec::StackSpec>;
[[nodiscard]] StackCopies copy_stacks(const Plan& plan);

/// Everything given must outlive it. Not for use by several threads at once.
class Bench {
 public:
  Bench(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine,
        const spec::ModelSpec& model, int batch);

  /// Indices into the plan's distinct specs.
  [[nodiscard]] metrics::PointResult evaluate(std::size_t machine, std::size_t stack, std::size_t chain);
  /// Whether it would be simulated, without doing so.
  [[nodiscard]] bool runs(std::size_t machine, std::size_t stack, std::size_t chain, metrics::TooBig too_big);

 private:
  // A run before it is replayed.
  struct Setting {
    metrics::Workload workload;
    const metrics::RunChain& chain;
    metrics::Placement at;
  };
  [[nodiscard]] Setting setting(std::size_t machine, std::size_t stack, std::size_t chain);
  [[nodiscard]] replay::LoweredSteps& lowered(std::size_t stack, int gpus);

  const Plan& plan_;
  const StackCopies& stacks_;
  const replay::Engine& engine_;
  const spec::ModelSpec& model_;
  int batch_;
  std::map<std::pair<std::size_t, int>, replay::LoweredSteps> lowered_;      // by stack and GPUs
  std::map<std::pair<std::size_t, std::size_t>, metrics::RunChain> chains_;  // by stack and chain
};

}  // namespace hopsim::sweep
