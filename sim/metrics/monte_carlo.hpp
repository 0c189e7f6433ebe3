// SPDX-License-Identifier: Apache-2.0
// Chains whose tokens are drawn from the distributions of the chain file, replayed one by one (folded
// engine), the stack and its 16-bit anchor on the same draws. The result depends on the seed and the number
// of samples only: draws are counter-based (base/random.hpp) and sums run in the order of the samples,
// whatever the number of workers. Sequences of a batch run in lock-step, so all of them draw the same
// lengths. Memory is that of the expected chain.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/point.hpp"

namespace hopsim::metrics {

struct Sampling {
  std::uint64_t seed = 1;
  int samples = 1000;
  int workers = 1;
};

/// Over the chains that were drawn: their mean, its standard error, and between low and high nine in ten of
/// them.
struct Spread {
  double mean = 0, standard_error = 0, low = 0, high = 0;
};

struct SampledStack {
  Spread latency_s, energy_j, tokens;
  // Mean energy of a chain over the share of right answers, and nine in ten chains over it; where it is
  // known.
  std::optional<Spread> j_per_correct;
};

struct MonteCarlo {
  SampledStack q, anchor;
  Spread energy_ratio;  // draw by draw
};

/// Mean, standard error and the quantiles of 5 and 95 % (nearest rank). Requires at least two samples.
[[nodiscard]] Spread spread_of(std::vector<double> samples);

/// Requires that the GPU has the kernels of both stacks, and numbers of GPUs that can share the model.
[[nodiscard]] MonteCarlo monte_carlo(const Machine& machine, const cost::StepCoster& coster,
                                     const Workload& q, const spec::StackSpec& anchor,
                                     const Sampling& sampling, RunsOn gpus = {});

}  // namespace hopsim::metrics
