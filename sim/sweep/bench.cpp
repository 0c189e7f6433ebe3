// SPDX-License-Identifier: Apache-2.0
#include "sweep/bench.hpp"

namespace hopsim::sweep {

StackCopies copy_stacks(const Plan& plan) {
  StackCopies out;
  for (const spec::StackSpec* stack : plan.stacks()) {
    out.push_back(*stack);
  }
  return out;
}

Bench::Bench(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine,
             const spec::ModelSpec& model, int batch)
    : plan_(plan), stacks_(stacks), engine_(engine), model_(model), batch_(batch) {}

metrics::PointResult Bench::evaluate(std::size_t machine, std::size_t stack, std::size_t chain) {
  auto found = lowered_.find(stack);
  if (found == lowered_.end()) {
    found = lowered_.try_emplace(stack, model_, stacks_[stack], batch_).first;
  }
  const metrics::Workload workload{&model_, &stacks_[stack], plan_.chains()[chain], batch_};
  return metrics::evaluate(
      plan_.machines()[machine], plan_.coster(machine), workload, found->second, engine_,
      plan_.is_anchor(stack) ? metrics::TooBig::kSimulateAnyway : metrics::TooBig::kLeave);
}

}  // namespace hopsim::sweep
