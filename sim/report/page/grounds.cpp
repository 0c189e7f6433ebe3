// SPDX-License-Identifier: Apache-2.0
#include "report/page/grounds.hpp"
#include "io/source_json.hpp"

#include <algorithm>
#include <set>

namespace hopsim::report {

namespace {

using io::Json;

auto family_json(const spec::KernelFamily& family) -> Json {
  Json out = io::source_json(family.source);
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
              {"tdp_w", gpu.tdp_w},         {"power", io::source_json(gpu.power.source)}};
  out["families"] = Json::object();
  for (const std::string& name : families) {
    if (const auto found = gpu.families.find(name); found != gpu.families.end()) {
      out["families"][name] = family_json(found->second);
    }
  }
  return out;
}

// What a stack does to answers, by chain and model: [ratio of accuracies, source, token inflation, source],
// null where nobody measured it. Sources are places in a list, each once.
class Answers {
 public:
  explicit Answers(const spec::StackSpec& stack) : quality_(stack.quality) {}

  void take(const std::string& chain_name, const spec::ChainSpec& chain, const std::string& model,
            double params) {
    Json& out = by_chain_[chain_name][model] = Json::array();
    for (const auto& looked_up : {&spec::accuracy_ratio, &spec::token_inflation}) {
      const spec::QualityValue found = looked_up(quality_, params, chain);
      out.push_back(found.value ? Json(*found.value) : Json(nullptr));
      out.push_back(place(io::source_json(spec::source_of(quality_, found))));
    }
  }
  [[nodiscard]] const Json& by_chain() const { return by_chain_; }
  [[nodiscard]] const Json& sources() const { return sources_; }

 private:
  auto place(const Json& source) -> std::size_t {
    const auto found = std::find(sources_.begin(), sources_.end(), source);
    const auto at = static_cast<std::size_t>(found - sources_.begin());
    if (found == sources_.end()) {
      sources_.push_back(source);
    }
    return at;
  }

  const spec::StackQuality& quality_;
  Json by_chain_ = Json::object();
  Json sources_ = Json::array();
};

auto stack_json(const spec::StackSpec& stack, const sweep::Plan& plan) -> Json {
  const spec::ExperimentSpec& x = plan.experiment();
  Answers answers(stack);
  for (std::size_t c = 0; c < x.chains.size(); ++c) {
    for (std::size_t m = 0; m < x.models.size(); ++m) {
      answers.take(x.chains[c], *plan.chains()[plan.chain(c, 0)], x.models[m], plan.models()[m]->params());
    }
  }
  return {{"title", stack.title},
          {"version", stack.version},
          {"bits", stack.bits},
          {"graph", stack.execution == spec::StackSpec::Execution::kCudaGraph},
          {"families", spec::families_of(stack)},
          {"dispatch", io::source_json(stack.host_source)},
          {"memory", io::source_json(stack.memory_source)},
          {"answers", answers.by_chain()},
          {"answer_sources", answers.sources()}};
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
      out["hosts"][machine.host->name] = io::source_json(machine.host->source);
      out["hosts"][machine.host->name]["title"] = machine.host->title;
    }
  }
  for (std::size_t s = 0; s < x.stacks.size(); ++s) {
    out["stacks"][x.stacks[s]] = stack_json(*plan.stacks()[plan.stack(s, 0)], plan);
    const spec::StackSpec& anchor = *plan.stacks()[plan.anchor(s)];
    if (!out["stacks"].contains(anchor.name)) {
      out["stacks"][anchor.name] = stack_json(anchor, plan);
    }
  }
  for (std::size_t c = 0; c < x.chains.size(); ++c) {
    const spec::ChainSpec& chain = *plan.chains()[plan.chain(c, 0)];
    out["chains"][x.chains[c]] = io::source_json(chain.source);
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
