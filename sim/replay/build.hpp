// SPDX-License-Identifier: Apache-2.0
// chain x lowering x cost -> schedule. Decode steps share one costed step for each window of contexts.
#pragma once

#include <map>

#include "cost/costed_step.hpp"
#include "lowering/step_work.hpp"
#include "replay/contract.hpp"
#include "spec/chain.hpp"

namespace hopsim::replay {

/// The lowered steps of one model, stack and batch, made on first use and shared by all GPUs and chains. Not
/// for use by several threads at once.
class LoweredSteps {
 public:
  /// The specs must outlive this.
  LoweredSteps(const spec::ModelSpec& model, const spec::StackSpec& stack, int batch)
      : model_(model), stack_(stack), batch_(batch) {}

  [[nodiscard]] const lowering::StepWork& step(int new_tokens);

 private:
  const spec::ModelSpec& model_;
  const spec::StackSpec& stack_;
  int batch_;
  std::map<int, lowering::StepWork> steps_;
};

/// Requires that the GPU has every family that the steps name.
[[nodiscard]] Schedule build_schedule(const spec::ChainSpec& chain, LoweredSteps& steps,
                                      const cost::StepCoster& coster);

}  // namespace hopsim::replay
