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
  const metrics::Workload workload{&model_, &stacks_[stack], plan_.chains()[chain], batch_};
  const metrics::Placement at = metrics::place(plan_.machines()[machine], workload);
  const std::pair key{stack, at.gpus};
  auto found = lowered_.find(key);
  if (found == lowered_.end()) {
    found = lowered_.try_emplace(key, model_, stacks_[stack], batch_, at.gpus).first;
  }
  return metrics::evaluate(
      plan_.machines()[machine], plan_.coster(machine), workload, at, found->second, engine_,
      plan_.is_anchor(stack) ? metrics::TooBig::kSimulateAnyway : metrics::TooBig::kLeave);
}

}  // namespace hopsim::sweep
