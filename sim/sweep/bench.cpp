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

auto Bench::setting(std::size_t machine, std::size_t stack, std::size_t chain) -> Setting {
  const metrics::Workload workload{&model_, &stacks_[stack], plan_.chains()[chain], batch_};
  const std::pair key{stack, chain};
  auto known = chains_.find(key);
  if (known == chains_.end()) {
    known = chains_.try_emplace(key, workload).first;
  }
  return {workload, known->second, metrics::place(plan_.machines()[machine], workload, known->second)};
}

replay::LoweredSteps& Bench::lowered(std::size_t stack, int gpus) {
  const std::pair key{stack, gpus};
  const auto found = lowered_.find(key);
  return found != lowered_.end()
             ? found->second
             : lowered_.try_emplace(key, model_, stacks_[stack], batch_, gpus).first->second;
}

metrics::PointResult Bench::evaluate(std::size_t machine, std::size_t stack, std::size_t chain) {
  const Setting of = setting(machine, stack, chain);
  return metrics::evaluate(
      plan_.machines()[machine], plan_.coster(machine), of.workload, of.chain, of.at,
      lowered(stack, of.at.gpus), engine_,
      plan_.is_anchor(stack) ? metrics::TooBig::kSimulateAnyway : metrics::TooBig::kLeave);
}

bool Bench::runs(std::size_t machine, std::size_t stack, std::size_t chain, metrics::TooBig too_big) {
  const Setting of = setting(machine, stack, chain);
  return metrics::runs(plan_.coster(machine), of.chain, of.at, lowered(stack, of.at.gpus), too_big);
}

}  // namespace hopsim::sweep
