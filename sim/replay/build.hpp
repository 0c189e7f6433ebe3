// SPDX-License-Identifier: Apache-2.0
// chain x lowering x cost -> schedule. Decode steps share one costed step for each window of contexts. A wave
// of branches (spec/chain_waves.hpp) becomes one hop of the schedule for each stretch between ends of
// branches.
#pragma once

#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "cost/costed_step.hpp"
#include "lowering/step_work.hpp"
#include "replay/contract.hpp"
#include "spec/chain.hpp"
#include "spec/chain_waves.hpp"

namespace hopsim::replay {

/// The lowered steps of one model, stack, batch and number of GPUs, made on first use and shared by all GPUs
/// and chains, and their costs on the machine that asked last, shared by its chains. Not for use by several
/// threads at once.
class LoweredSteps {
 public:
  /// Of `width` branches of each of the batch's chains.
  using Lower = std::function<lowering::StepWork(int new_tokens, int width)>;

  /// The specs must outlive this.
  LoweredSteps(const spec::ModelSpec& model, const spec::StackSpec& stack, int batch, int gpus = 1)
      : lower_([&model, &stack, batch, gpus](int new_tokens, int width) {
          return lowering::lower_step(model, stack, batch * width, new_tokens, gpus);
        }) {}
  /// Steps that no stack lowers by itself.
  explicit LoweredSteps(Lower lower) : lower_(std::move(lower)) {}

  [[nodiscard]] const lowering::StepWork& step(int new_tokens, int width = 1);
  /// That step on the coster's machine for a window of contexts. The coster must outlive this.
  [[nodiscard]] const Step& costed(const cost::StepCoster& coster, int new_tokens, int width, int first_ctx,
                                   int window);

 private:
  Lower lower_;
  std::map<std::pair<int, int>, lowering::StepWork> steps_;  // by new tokens and width
  const cost::StepCoster* coster_ = nullptr;                 // that of costed_
  std::map<std::tuple<int, int, int>, Step> costed_;         // and by first context
};

/// Requires that the GPU has every family that the steps name. `waves` are the chain's.
[[nodiscard]] Schedule build_schedule(const spec::ChainSpec& chain, const std::vector<spec::Wave>& waves,
                                      LoweredSteps& steps, const cost::StepCoster& coster);
[[nodiscard]] Schedule build_schedule(const spec::ChainSpec& chain, LoweredSteps& steps,
                                      const cost::StepCoster& coster);

}  // namespace hopsim::replay
