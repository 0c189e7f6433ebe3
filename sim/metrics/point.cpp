// SPDX-License-Identifier: Apache-2.0
#include "metrics/point.hpp"

#include <cmath>

#include "spec/chain_waves.hpp"

namespace hopsim::metrics {

namespace {

// Of the first step that lacks any: which kernels run depends on a step's rows.
auto missing_families(const spec::ChainSpec& chain, const cost::StepCoster& coster,
                      replay::LoweredSteps& steps) -> std::string {
  std::string missing = coster.missing_families(steps.step(1));
  for (const spec::Wave& wave : spec::waves(chain)) {
    for (const spec::PrefillStep& prefill : wave.prefills) {
      missing =
          missing.empty() ? coster.missing_families(steps.step(prefill.tokens, prefill.width)) : missing;
    }
    for (const spec::DecodeRun& run : wave.decodes) {
      missing =
          missing.empty() && run.steps > 0 ? coster.missing_families(steps.step(1, run.width)) : missing;
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
  if (out.accuracy_ratio && workload.loss_factor != 1) {
    out.accuracy_ratio = std::pow(*out.accuracy_ratio, workload.loss_factor);
  }
  return out;
}

PointResult evaluate(const Machine& machine, const cost::StepCoster& coster, const Workload& workload,
                     replay::LoweredSteps& steps, const replay::Engine& engine, TooBig too_big) {
  PointResult out;
  const spec::StackSpec& stack = *workload.stack;
  const Quality quality = quality_of(workload);
  const bool longer = quality.token_inflation != 1;
  const spec::ChainSpec inflated =
      longer ? spec::inflated(*workload.chain, quality.token_inflation) : spec::ChainSpec{};
  const spec::ChainSpec& chain = longer ? inflated : *workload.chain;
  out.memory = lowering::memory_need(*workload.model, stack, chain, workload.batch);
  out.gpus = lowering::fewest_gpus(out.memory, *machine.gpu);
  out.missing_families = missing_families(chain, coster, steps);
  out.supported = out.missing_families.empty();
  out.simulated = out.supported && (out.gpus == 1 || too_big == TooBig::kSimulateAnyway);
  if (out.simulated) {
    const replay::Totals totals = engine.replay(replay::build_schedule(chain, steps, coster));
    out.performance = performance(totals, *machine.gpu, chain, workload.batch, quality);
  }
  return out;
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
