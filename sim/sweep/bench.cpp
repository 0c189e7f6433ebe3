// SPDX-License-Identifier: Apache-2.0
#include "sweep/bench.hpp"

#include <algorithm>

namespace hopsim::sweep {

Specs look_up(const spec::ExperimentSpec& experiment, spec::Catalog& catalog) {
  Specs out;
  out.hosts = experiment.hosts.size();
  for (const std::string& name : experiment.gpus) {
    const spec::GpuSpec& gpu = catalog.gpu(name);
    for (const std::string& host : experiment.hosts) {
      out.machines.push_back({&gpu, &catalog.host(host == "default" ? gpu.host : host)});
      out.costers.emplace_back(*out.machines.back().gpu, *out.machines.back().host);
    }
  }
  for (const std::string& name : experiment.models) {
    out.models.push_back(&catalog.model(name));
  }
  for (const std::string& name : experiment.chains) {
    out.chains.push_back(&catalog.chain(name));
  }
  for (const std::string& name : experiment.stacks) {
    out.stacks.push_back(&catalog.stack(name));
  }
  for (std::size_t i = 0; i < experiment.stacks.size(); ++i) {
    const spec::StackSpec* anchor = &catalog.stack(out.stacks[i]->anchor);
    auto found = std::find_if(out.stacks.begin(), out.stacks.end(),
                              [&](const auto* s) { return s->name == anchor->name; });
    if (found == out.stacks.end()) {
      out.stacks.push_back(anchor);
      found = out.stacks.end() - 1;
    }
    out.anchor.push_back(static_cast<std::size_t>(found - out.stacks.begin()));
  }
  out.is_anchor.assign(out.stacks.size(), false);
  for (const std::size_t anchor : out.anchor) {
    out.is_anchor[anchor] = true;
  }
  return out;
}

WorkerStacks::WorkerStacks(const Specs& specs, int workers) {
  for (int worker = 0; worker < workers; ++worker) {
    std::vector<spec::StackSpec>& mine = copies_.emplace_back();
    for (const spec::StackSpec* stack : specs.stacks) {
      mine.push_back(*stack);
    }
  }
}

Bench::Bench(const Specs& specs, const std::vector<spec::StackSpec>& stacks, const spec::ModelSpec& model,
             int batch)
    : specs_(specs), stacks_(stacks), model_(model), batch_(batch) {}

metrics::PointResult Bench::evaluate(std::size_t machine, std::size_t stack, std::size_t chain) {
  auto found = lowered_.find(stack);
  if (found == lowered_.end()) {
    found = lowered_.try_emplace(stack, model_, stacks_[stack], batch_).first;
  }
  const metrics::Workload workload{&model_, &stacks_[stack], specs_.chains[chain], batch_};
  return metrics::evaluate(
      specs_.machines[machine], specs_.costers[machine], workload, found->second, engine_,
      specs_.is_anchor[stack] ? metrics::TooBig::kSimulateAnyway : metrics::TooBig::kLeave);
}

}  // namespace hopsim::sweep
