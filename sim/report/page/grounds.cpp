// SPDX-License-Identifier: Apache-2.0
#include "report/page/grounds.hpp"

#include <set>

namespace hopsim::report {

namespace {

using io::Json;

auto source_json(const Source& source) -> Json {
  return {{"kind", to_text(source.kind)}, {"source", source.citation}};
}

auto family_json(const spec::KernelFamily& family) -> Json {
  Json out = source_json(family.source);
  if (family.rows > 0) {
    out["rows"] = static_cast<std::int64_t>(family.rows);
    out["median_ape"] = family.median_ape;
    out["p90_ape"] = family.p90_ape;
  }
  if (!family.borrowed_from.empty()) {
    out["borrowed_from"] = family.borrowed_from;
  }
  if (family.transfer_error90 > 0) {
    out["transfer_error90"] = family.transfer_error90;
  }
  return out;
}

auto gpu_json(const spec::GpuSpec& gpu, const std::set<std::string>& families) -> Json {
  Json out = {{"title", gpu.title},         {"architecture", gpu.architecture},
              {"memory_gb", gpu.memory_gb}, {"hbm_gb_s", gpu.hbm_gb_s},
              {"tdp_w", gpu.tdp_w},         {"power", source_json(gpu.power.source)}};
  out["families"] = Json::object();
  for (const std::string& name : families) {
    if (const auto found = gpu.families.find(name); found != gpu.families.end()) {
      out["families"][name] = family_json(found->second);
    }
  }
  return out;
}

auto stack_json(const spec::StackSpec& stack) -> Json {
  return {{"title", stack.title},
          {"version", stack.version},
          {"bits", stack.bits},
          {"graph", stack.execution == spec::StackSpec::Execution::kCudaGraph},
          {"families", spec::families_of(stack)},
          {"dispatch", source_json(stack.host_source)},
          {"memory", source_json(stack.memory_source)},
          {"quality", source_json(stack.quality_source)},
          {"accuracy_ratio", stack.accuracy_ratio},
          {"token_inflation", stack.token_inflation}};
}

}  // namespace

io::Json grounds_json(const sweep::Plan& plan) {
  const spec::ExperimentSpec& x = plan.experiment();
  std::set<std::string> families;
  for (const spec::StackSpec* stack : plan.stacks()) {
    families.merge(spec::families_of(*stack));
  }
  Json out = {{"gpus", Json::object()},   {"hosts", Json::object()},  {"stacks", Json::object()},
              {"chains", Json::object()}, {"models", Json::object()}, {"factors", Json::object()}};
  for (std::size_t g = 0; g < x.gpus.size(); ++g) {
    for (std::size_t h = 0; h < x.hosts.size(); ++h) {
      const metrics::Machine& machine = plan.machines()[plan.machine(g, h, 0)];
      out["gpus"][x.gpus[g]] = gpu_json(*machine.gpu, families);
      out["hosts"][machine.host->name] = source_json(machine.host->source);
      out["hosts"][machine.host->name]["title"] = machine.host->title;
    }
  }
  for (std::size_t s = 0; s < x.stacks.size(); ++s) {
    out["stacks"][x.stacks[s]] = stack_json(*plan.stacks()[plan.stack(s, 0)]);
    const spec::StackSpec& anchor = *plan.stacks()[plan.anchor(s)];
    if (!out["stacks"].contains(anchor.name)) {
      out["stacks"][anchor.name] = stack_json(anchor);
    }
  }
  for (std::size_t c = 0; c < x.chains.size(); ++c) {
    const spec::ChainSpec& chain = *plan.chains()[plan.chain(c, 0)];
    out["chains"][x.chains[c]] = source_json(chain.source);
    out["chains"][x.chains[c]].update({{"title", chain.title},
                                       {"hops", chain.hops.size()},
                                       {"tokens", chain.decode_tokens()},
                                       {"accuracy_16bit", chain.accuracy_16bit}});
  }
  for (const spec::VarySpec& vary : x.vary) {
    out["factors"][vary.name] = vary.steps.front().scale;
  }
  for (std::size_t m = 0; m < x.models.size(); ++m) {
    out["models"][x.models[m]] = plan.models()[m]->source;
  }
  return out;
}

}  // namespace hopsim::report
