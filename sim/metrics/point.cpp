// SPDX-License-Identifier: Apache-2.0
#include "metrics/point.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lowering/split.hpp"

namespace hopsim::metrics {

namespace {

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
auto missing_families(const std::vector<spec::Wave>& waves, const cost::StepCoster& coster,
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
  for (const spec::Wave& wave : waves) {
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

RunChain::RunChain(const Workload& workload) : quality_(quality_of(workload)), given_(*workload.chain) {
  if (quality_.token_inflation != 1) {
    longer_ = spec::inflated(given_, quality_.token_inflation);
  }
  waves_ = spec::waves(chain());
  need_ = lowering::chain_need(chain(), waves_);
}

Placement place(const Machine& machine, const Workload& workload, const RunChain& chain) {
  const spec::ModelSpec& model = *workload.model;
  Placement out;
  out.fewest = lowering::fewest_gpus(model, *workload.stack, chain.need(), workload.batch, *machine.gpu);
  out.gpus = machine.gpus.fewest() ? fewest_or_most(model, out.fewest) : machine.gpus.count;
  out.obstacle = lowering::split_obstacle(model, out.gpus);
  if (out.obstacle.empty()) {
    out.memory = lowering::memory_need(model, *workload.stack, chain.need(), workload.batch, out.gpus);
  }
  out.fits = out.obstacle.empty() && lowering::fits(out.memory, *machine.gpu);
  return out;
}

bool runs(const cost::StepCoster& coster, const RunChain& chain, const Placement& at,
          replay::LoweredSteps& steps, TooBig too_big) {
  return at.obstacle.empty() && (at.fits || too_big == TooBig::kSimulateAnyway) &&
         missing_families(chain.waves(), coster, steps).empty();
}

PointResult evaluate(const Machine& machine, const cost::StepCoster& coster, const Workload& workload,
                     const RunChain& chain, const Placement& at, replay::LoweredSteps& steps,
                     const replay::Engine& engine, TooBig too_big) {
  PointResult out;
  out.place = at;
  if (!at.obstacle.empty()) {
    return out;
  }
  out.missing_families = missing_families(chain.waves(), coster, steps);
  out.supported = out.missing_families.empty();
  out.simulated = out.supported && (at.fits || too_big == TooBig::kSimulateAnyway);
  if (out.simulated) {
    const replay::Totals totals =
        engine.replay(replay::build_schedule(chain.chain(), chain.waves(), steps, coster));
    out.performance =
        performance(totals, *machine.gpu, chain.chain(), workload.batch, chain.quality(), at.gpus);
  }
  return out;
}

PointResult evaluate(const Machine& machine, const cost::StepCoster& coster, const Workload& workload,
                     const replay::Engine& engine, TooBig too_big) {
  const RunChain chain(workload);
  const Placement at = place(machine, workload, chain);
  replay::LoweredSteps steps(*workload.model, *workload.stack, workload.batch, at.gpus);
  return evaluate(machine, coster, workload, chain, at, steps, engine, too_big);
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
