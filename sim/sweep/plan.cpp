// SPDX-License-Identifier: Apache-2.0
#include "sweep/plan.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/errors.hpp"

namespace hopsim::sweep {

namespace {

using Target = spec::VarySpec::Target;

void require_16_bit(const spec::StackSpec& anchor) {
  if (anchor.bits != 16) {
    throw InputError(Location{}, "anchor '" + anchor.name + "' is no 16-bit stack",
                     "low precision is compared with 16 bit");
  }
}

void require_distinct_names(const std::vector<const spec::StackSpec*>& stacks) {
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (stacks[i]->name == stacks[j]->name) {
        throw InputError(Location{}, "two stacks are called '" + stacks[i]->name + "'",
                         "each file with a name of its own");
      }
    }
  }
}

// Index of `item` in `list`, where it is put when it is new.
template <class T>
auto index_in(std::vector<T>& list, std::map<T, std::size_t>& known, const T& item) -> std::size_t {
  const auto [found, fresh] = known.emplace(item, list.size());
  if (fresh) {
    list.push_back(item);
  }
  return found->second;
}

}  // namespace

Plan::Plan(spec::ExperimentSpec experiment, spec::Catalog& catalog)
    : experiment_(std::move(experiment)), grid_(experiment_) {
  look_up_machines(catalog);
  for (const std::string& name : experiment_.models) {
    models_.push_back(&catalog.model(name));
  }
  look_up_chains(catalog);
  look_up_stacks(catalog);
}

Plan Plan::drawn(const cost::Draw& draw) const {
  Plan out = *this;
  const auto gpus = std::make_shared<std::map<const spec::GpuSpec*, spec::GpuSpec>>();
  const auto hosts = std::make_shared<std::map<const spec::HostSpec*, spec::HostSpec>>();
  out.machines_.clear();
  out.costers_.clear();
  for (const metrics::Machine& machine : machines_) {
    const spec::GpuSpec& gpu = gpus->try_emplace(machine.gpu, cost::drawn(*machine.gpu, draw)).first->second;
    const spec::HostSpec& host =
        hosts->try_emplace(machine.host, cost::drawn(*machine.host, draw)).first->second;
    out.machines_.push_back({&gpu, &host, machine.gpus});
    out.costers_.emplace_back(gpu, host);
  }
  out.drawn_gpus_ = gpus;
  out.drawn_hosts_ = hosts;
  return out;
}

std::vector<spec::FieldChange> Plan::changes(Target target, std::size_t variant) const {
  std::vector<spec::FieldChange> out;
  const std::vector<std::size_t> steps = grid_.steps(variant);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (experiment_.vary[i].target == target) {
      out.push_back(experiment_.vary[i].steps[steps[i]]);
    }
  }
  return out;
}

void Plan::look_up_machines(spec::Catalog& catalog) {
  using Key = std::tuple<const spec::GpuSpec*, const spec::HostSpec*, spec::GpuCount>;
  std::vector<Key> keys;
  std::map<Key, std::size_t> known;
  std::vector<std::string> names;
  for (const std::string& entry : experiment_.gpus) {
    names.push_back(spec::parse_gpu_entry(entry).name);
  }
  catalog.parse_gpus(names);
  for (const std::string& entry : experiment_.gpus) {
    const spec::GpuEntry named = spec::parse_gpu_entry(entry);
    for (const std::string& host_name : experiment_.hosts) {
      for (std::size_t v = 0; v < grid_.variants(); ++v) {
        const spec::GpuSpec& gpu = catalog.gpu(named.name, changes(Target::kGpu, v));
        const spec::HostSpec& host =
            catalog.host(host_name == "default" ? gpu.host : host_name, changes(Target::kHost, v));
        machine_.push_back(index_in(keys, known, Key{&gpu, &host, named.gpus}));
      }
    }
  }
  for (const auto& [gpu, host, gpus] : keys) {
    machines_.push_back({gpu, host, gpus});
    costers_.emplace_back(*gpu, *host);
  }
}

void Plan::look_up_chains(spec::Catalog& catalog) {
  std::map<const spec::ChainSpec*, std::size_t> known;
  for (const std::string& name : experiment_.chains) {
    for (std::size_t v = 0; v < grid_.variants(); ++v) {
      chain_.push_back(index_in(chains_, known, &catalog.chain(name, changes(Target::kChain, v))));
    }
  }
}

void Plan::look_up_stacks(spec::Catalog& catalog) {
  std::map<const spec::StackSpec*, std::size_t> known;
  std::vector<const spec::StackSpec*> named;
  for (const std::string& name : experiment_.stacks) {
    named.push_back(&catalog.stack(name));
  }
  require_distinct_names(named);
  for (std::size_t i = 0; i < named.size(); ++i) {
    const bool anchors_itself = named[i]->anchor == named[i]->name;
    for (std::size_t v = 0; v < grid_.variants(); ++v) {
      stack_.push_back(index_in(
          stacks_, known,
          anchors_itself ? named[i] : &catalog.stack(experiment_.stacks[i], changes(Target::kStack, v))));
    }
  }
  for (const spec::StackSpec* stack : named) {
    // One of the grid where it is there: it may be the same stack under another path.
    const auto twin =
        std::find_if(named.begin(), named.end(), [&](const auto* s) { return s->name == stack->anchor; });
    const spec::StackSpec* anchor = twin != named.end() ? *twin : &catalog.stack(stack->anchor);
    require_16_bit(*anchor);
    anchor_.push_back(index_in(stacks_, known, anchor));
  }
  is_anchor_.assign(stacks_.size(), false);
  for (const std::size_t anchor : anchor_) {
    is_anchor_[anchor] = true;
  }
}

}  // namespace hopsim::sweep
