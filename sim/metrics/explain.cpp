// SPDX-License-Identifier: Apache-2.0
#include "metrics/explain.hpp"

#include <algorithm>

#include "metrics/shapley.hpp"

namespace hopsim::metrics {

namespace {

constexpr std::size_t kMixtures = std::size_t{1} << kReplayedCauses;
constexpr std::size_t kInflated = std::size_t{1} << static_cast<std::size_t>(Cause::kTokenInflation);

auto has(std::size_t subset, Cause cause) -> bool {
  return (subset >> static_cast<std::size_t>(cause) & 1U) != 0;
}

auto sides_of(std::size_t subset) -> lowering::Sides {
  return {has(subset, Cause::kWeightBytes),  has(subset, Cause::kDequantTraffic),
          has(subset, Cause::kQuantKernels), has(subset, Cause::kKernelEfficiency),
          has(subset, Cause::kHostDispatch), has(subset, Cause::kOtherKernels)};
}

// Shapley parts of f(subset) for the first `causes` causes.
template <class Value>
auto parts_of(std::size_t subsets, const Value& value) -> std::vector<double> {
  std::vector<double> values(subsets);
  for (std::size_t subset = 0; subset < subsets; ++subset) {
    values[subset] = value(subset);
  }
  return shapley(values);
}

auto of_anchor(const Workload& q, const spec::StackSpec& anchor) -> Workload {
  Workload out = q;
  out.stack = &anchor;
  return out;
}

auto chain_of(const Workload& workload) -> spec::ChainSpec {
  return spec::inflated(*workload.chain, quality_of(workload).token_inflation);
}

auto part(Parts& parts, Cause cause) -> double& { return parts[static_cast<std::size_t>(cause)]; }

// Joules of one mixture, of all GPUs: while kernels run, and while none does.
struct Energy {
  double kernels = 0, gaps = 0;
};

auto energy_of(const replay::Totals& totals, const spec::GpuSpec& gpu, int gpus) -> Energy {
  constexpr double kPico = 1e-12;
  return {gpus * scaled(totals.total_energy_pj(), kPico),
          gpus * (gpu.power.active_idle_w * scaled(totals.idle_ps(), kPico) +
                  gpu.power.loaded_idle_w * scaled(totals.pause_ps, kPico))};
}

void explain_energy(const std::vector<Energy>& energy, Explanation& out) {
  const std::vector<double> kernels = parts_of(kMixtures, [&](std::size_t s) { return energy[s].kernels; });
  const std::vector<double> gaps = parts_of(kMixtures, [&](std::size_t s) { return energy[s].gaps; });
  std::copy(kernels.begin(), kernels.end(), out.energy_j.parts.begin());
  std::copy(gaps.begin(), gaps.end(), out.gap_parts_j.begin());
  part(out.energy_j.parts, Cause::kGaps) = energy.back().gaps - energy.front().gaps;
}

// Accuracy is the cause after the replayed ones: bit kReplayedCauses of a subset.
void explain_right_answers(const std::vector<Energy>& energy, double right_16, double right_q,
                           Explanation& out) {
  const auto shared = [&](double Energy::*joules) {
    return parts_of(2 * kMixtures, [&](std::size_t s) {
      return energy[s % kMixtures].*joules / (s < kMixtures ? right_16 : right_q);
    });
  };
  const std::vector<double> kernels = shared(&Energy::kernels);
  const std::vector<double> gaps = shared(&Energy::gaps);
  Parts& parts = out.j_per_correct->parts;
  for (std::size_t cause = 0; cause < kReplayedCauses; ++cause) {
    parts[cause] = kernels[cause];
    part(parts, Cause::kGaps) += gaps[cause];
  }
  part(parts, Cause::kAccuracy) = kernels.back() + gaps.back();
}

}  // namespace

Mixtures::Mixtures(const cost::StepCoster& coster, const Workload& q, const spec::StackSpec& anchor, int gpus)
    : coster_(coster),
      q_(q),
      anchor_(anchor),
      gpus_(gpus),
      anchor_chain_(chain_of(of_anchor(q, anchor))),
      q_chain_(chain_of(q)) {}

const lowering::JoinedStep& Mixtures::step(int new_tokens, int width) {
  const auto found = steps_.find({new_tokens, width});
  if (found != steps_.end()) {
    return found->second;
  }
  const auto lowered = [&](const spec::StackSpec& stack) {
    return lowering::lower_step(*q_.model, stack, q_.batch * width, new_tokens, gpus_);
  };
  const auto timed_bytes = [this](const lowering::Call& call) { return coster_.product_bytes(call); };
  return steps_
      .emplace(std::pair{new_tokens, width}, lowering::joined(lowered(anchor_), lowered(*q_.stack),
                                                              q_.stack->linear_bytes_per_weight, timed_bytes))
      .first->second;
}

replay::Totals Mixtures::replay(std::size_t subset, const replay::Engine& engine) {
  replay::LoweredSteps steps([this, sides = sides_of(subset)](int new_tokens, int width) {
    return step(new_tokens, width).step(sides);
  });
  const spec::ChainSpec& chain = has(subset, Cause::kTokenInflation) ? q_chain_ : anchor_chain_;
  return engine.replay(replay::build_schedule(chain, steps, coster_));
}

Explanation explain(const Machine& machine, const cost::StepCoster& coster, const Workload& q,
                    const spec::StackSpec& anchor, const replay::Engine& engine, RunsOn gpus) {
  const Workload at_anchor = of_anchor(q, anchor);
  const bool same_tokens = quality_of(at_anchor).token_inflation == quality_of(q).token_inflation;
  Mixtures mixtures(coster, q, anchor, gpus.q);
  std::vector<replay::Totals> totals;
  for (std::size_t subset = 0; subset < kMixtures; ++subset) {
    const bool known = same_tokens && has(subset, Cause::kTokenInflation);
    totals.push_back(known ? totals[subset - kInflated] : mixtures.replay(subset, engine));
  }
  const auto whole = [&](const replay::Totals& of, const Workload& workload, int on) {
    return performance(of, *machine.gpu, chain_of(workload), q.batch, quality_of(workload), on);
  };
  const Performance at_16 = whole(totals.front(), at_anchor, gpus.q);
  const Performance own_16 =
      gpus.anchor == gpus.q
          ? at_16
          : whole(Mixtures(coster, q, anchor, gpus.anchor).replay(0, engine), at_anchor, gpus.anchor);
  const Performance at_q = whole(totals.back(), q, gpus.q);
  const auto ends = [&](double Performance::*of) {
    return Decomposition{own_16.*of, at_q.*of, at_16.*of - own_16.*of, {}};
  };
  Explanation out;
  out.latency_s = ends(&Performance::latency_s);
  out.energy_j = ends(&Performance::energy_j);
  const std::vector<double> latency = parts_of(kMixtures, [&](std::size_t s) {
    return 1e-12 * static_cast<double>(totals[s].latency_ps - totals.front().latency_ps);
  });
  std::copy(latency.begin(), latency.end(), out.latency_s.parts.begin());
  std::vector<Energy> energy;
  for (const replay::Totals& one : totals) {
    energy.push_back(energy_of(one, *machine.gpu, gpus.q));
  }
  explain_energy(energy, out);
  if (at_16.accuracy_known() && at_q.accuracy_known()) {
    out.j_per_correct = ends(&Performance::j_per_correct);
    explain_right_answers(energy, at_16.accuracy * q.batch, at_q.accuracy * q.batch, out);
  }
  out.unmatched = mixtures.unmatched();
  return out;
}

}  // namespace hopsim::metrics
