// SPDX-License-Identifier: Apache-2.0
// chain x lowering x cost -> schedule. Decode steps share one costed step for each window of contexts.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "cost/costed_step.hpp"
#include "lowering/step_work.hpp"
#include "replay/contract.hpp"
#include "spec/chain.hpp"

namespace hopsim::replay {

/// The lowered steps of one model, stack and batch, made on first use and shared by all GPUs and chains, and
/// their costs on the machine that asked last, shared by its chains. Not for use by several threads at once.
class LoweredSteps {
 public:
  using Lower = std::function<lowering::StepWork(int new_tokens)>;

  /// The specs must outlive this.
  LoweredSteps(const spec::ModelSpec& model, const spec::StackSpec& stack, int batch)
      : lower_([&model, &stack, batch](int new_tokens) {
          return lowering::lower_step(model, stack, batch, new_tokens);
        }) {}
  /// Steps that no stack lowers by itself.
  explicit LoweredSteps(Lower lower) : lower_(std::move(lower)) {}

  [[nodiscard]] const lowering::StepWork& step(int new_tokens);
  /// step(new_tokens) on the coster's machine for a window of contexts. The coster must outlive this.
  [[nodiscard]] const Step& costed(const cost::StepCoster& coster, int new_tokens, int first_ctx, int window);

 private:
  Lower lower_;
  std::map<int, lowering::StepWork> steps_;
  const cost::StepCoster* coster_ = nullptr;    // that of costed_
  std::map<std::pair<int, int>, Step> costed_;  // by new tokens and first context
};

/// Requires that the GPU has every family that the steps name.
[[nodiscard]] Schedule build_schedule(const spec::ChainSpec& chain, LoweredSteps& steps,
                                      const cost::StepCoster& coster);

}  // namespace hopsim::replay
