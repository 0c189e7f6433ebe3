// SPDX-License-Identifier: Apache-2.0
#include "metrics/point.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "lowering/split.hpp"
#include "spec/chain_waves.hpp"

namespace hopsim::metrics {

namespace {

// The workload's chain with its stack's token inflation.
class InflatedChain {
 public:
  InflatedChain(const Workload& workload, const Quality& quality) : given_(*workload.chain) {
    if (quality.token_inflation != 1) {
      longer_ = spec::inflated(given_, quality.token_inflation);
    }
  }
  [[nodiscard]] const spec::ChainSpec& get() const { return longer_ ? *longer_ : given_; }

 private:
  const spec::ChainSpec& given_;
  std::optional<spec::ChainSpec> longer_;
};

// Of the numbers that a model can be run on: the smallest that holds it, else the largest that can share it.
auto fewest_or_most(const spec::ModelSpec& model, int fewest) -> int {
  int most = 1;
  for (const int count : spec::kGpuCounts) {
    if (count == fewest) {
      return count;
    }
    most = lowering::split_obstacle(model, count).empty() ? count : most;
  }
  return most;
}

// Of the first step that lacks any: which kernels run depends on a step's rows.
auto missing_families(const spec::ChainSpec& chain, const cost::StepCoster& coster,
                      replay::LoweredSteps& steps) -> std::string {
  std::vector<std::pair<int, int>> seen;  // tokens and width; hops repeat them
  std::string missing;
  const auto look = [&](int tokens, int width) {
    if (missing.empty() && std::ranges::count(seen, std::pair{tokens, width}) == 0) {
      seen.emplace_back(tokens, width);
      missing = coster.missing_families(steps.step(tokens, width));
    }
  };
  look(1, 1);
  for (const spec::Wave& wave : spec::waves(chain)) {
    for (const spec::PrefillStep& prefill : wave.prefills) {
      look(prefill.tokens, prefill.width);
    }
    for (const spec::DecodeRun& run : wave.decodes) {
      if (run.steps > 0) {
        look(1, run.width);
      }
    }
  }
  return missing;
}

}  // namespace

Quality quality_of(const Workload& workload) {
  const spec::StackQuality& stated = workload.stack->quality;
  const double params = workload.model->params();
  Quality out;
  out.token_inflation = spec::token_inflation(stated, params, *workload.chain).value.value_or(1);
  out.accuracy_ratio = spec::accuracy_ratio(stated, params, *workload.chain).value;
  if (out.accuracy_ratio && *out.accuracy_ratio < 1) {  // a ratio above 1 is scatter, and no loss to scale
    out.accuracy_ratio = std::pow(*out.accuracy_ratio, workload.loss_factor);
  }
  return out;
}

Placement place(const Machine& machine, const Workload& workload) {
  const InflatedChain chain(workload, quality_of(workload));
  const spec::ModelSpec& model = *workload.model;
  Placement out;
  out.fewest = lowering::fewest_gpus(model, *workload.stack, chain.get(), workload.batch, *machine.gpu);
  out.gpus = machine.gpus.fewest() ? fewest_or_most(model, out.fewest) : machine.gpus.count;
  out.obstacle = lowering::split_obstacle(model, out.gpus);
  if (out.obstacle.empty()) {
    out.memory = lowering::memory_need(model, *workload.stack, chain.get(), workload.batch, out.gpus);
  }
  out.fits = out.obstacle.empty() && lowering::fits(out.memory, *machine.gpu);
  return out;
}

PointResult evaluate(const Machine& machine, const cost::StepCoster& coster, const Workload& workload,
                     const Placement& at, replay::LoweredSteps& steps, const replay::Engine& engine,
                     TooBig too_big) {
  PointResult out;
  out.place = at;
  if (!at.obstacle.empty()) {
    return out;
  }
  const Quality quality = quality_of(workload);
  const InflatedChain chain(workload, quality);
  out.missing_families = missing_families(chain.get(), coster, steps);
  out.supported = out.missing_families.empty();
  out.simulated = out.supported && (at.fits || too_big == TooBig::kSimulateAnyway);
  if (out.simulated) {
    const replay::Totals totals = engine.replay(replay::build_schedule(chain.get(), steps, coster));
    out.performance = performance(totals, *machine.gpu, chain.get(), workload.batch, quality, at.gpus);
  }
  return out;
}

PointResult evaluate(const Machine& machine, const cost::StepCoster& coster, const Workload& workload,
                     const replay::Engine& engine, TooBig too_big) {
  const Placement at = place(machine, workload);
  replay::LoweredSteps steps(*workload.model, *workload.stack, workload.batch, at.gpus);
  return evaluate(machine, coster, workload, at, steps, engine, too_big);
}

JudgedPoint judge(PointResult point, PointResult anchor, bool is_anchor, const SiOptions& options) {
  JudgedPoint out;
  out.point = std::move(point);
  out.anchor = std::move(anchor);
  out.is_anchor = is_anchor;
  out.anchor_fits = out.anchor.feasible();
  if (out.point.simulated && out.anchor.simulated) {
    out.comparison = compare(out.point.performance, out.anchor.performance, options);
  }
  if (!out.point.feasible()) {
    out.comparison.verdict = Verdict::kInfeasible;
  } else if (is_anchor) {
    out.comparison.verdict = Verdict::kAnchor;
  } else if (!out.anchor.simulated) {
    out.comparison.verdict = Verdict::kNoAnchor;
  }
  return out;
}

}  // namespace hopsim::metrics
