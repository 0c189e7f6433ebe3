// SPDX-License-Identifier: Apache-2.0
#include "metrics/comparison.hpp"

#include <cmath>

#include "base/errors.hpp"

namespace hopsim::metrics {

namespace {

constexpr double kEqual = 1e-12;

auto verdict_of(double time_ratio, double energy_ratio) -> Verdict {
  const bool slower = time_ratio > 1 + kEqual;
  const bool hungrier = energy_ratio > 1 + kEqual;
  if (slower) {
    return hungrier ? Verdict::kFullTrap : Verdict::kLatencyTrap;
  }
  return hungrier ? Verdict::kEnergyTrap : Verdict::kDissolved;
}

auto mean_of(const Comparison& c, const SiOptions& options) -> double {
  const double weights = options.trust + options.economic + options.environmental;
  HOPSIM_CHECK(weights > 0, "the weights of the index sum to a positive number");
  if (options.mean == SiOptions::Mean::kArithmetic) {
    return (options.trust * c.trust + options.economic * c.economic +
            options.environmental * c.environmental) /
           weights;
  }
  return std::exp((options.trust * std::log(c.trust) + options.economic * std::log(c.economic) +
                   options.environmental * std::log(c.environmental)) /
                  weights);
}

}  // namespace

Comparison compare(const Performance& q, const Performance& anchor, const SiOptions& options) {
  HOPSIM_CHECK(q.latency_s > 0 && anchor.latency_s > 0 && q.energy_j > 0 && anchor.energy_j > 0,
               "a comparison needs times and energies");
  Comparison out;
  const double time_ratio = q.latency_s / anchor.latency_s;
  out.cor = time_ratio - 1;
  out.cor_kernel = q.computing_s() > 0 ? q.casting_s() / q.computing_s() : 0;
  out.energy_ratio = q.energy_j / anchor.energy_j;
  out.accuracy_known = q.accuracy_known() && anchor.accuracy_known();
  out.j_per_correct_ratio = out.accuracy_known ? q.j_per_correct / anchor.j_per_correct : 0;
  out.trust = out.accuracy_known ? q.accuracy / anchor.accuracy : 0;
  out.economic = 1 / time_ratio * anchor.gpus / q.gpus;
  out.environmental = 1 / out.energy_ratio;
  out.si = out.accuracy_known ? mean_of(out, options) : 0;
  out.verdict = verdict_of(time_ratio, out.energy_ratio);
  out.accuracy_trap =
      out.accuracy_known && out.energy_ratio <= 1 + kEqual && out.j_per_correct_ratio > 1 + kEqual;
  return out;
}

}  // namespace hopsim::metrics
