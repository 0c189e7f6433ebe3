// SPDX-License-Identifier: Apache-2.0
// What one stack does at one point: time, energy and where they go. Seconds, joules, watts; all sequences of
// the batch together unless a name says otherwise.
//
//   energy = GPUs * (kernels' energy (cost/kernel_cost.hpp) + active_idle * (time without a kernel) +
//   loaded_idle * pauses)
//
// A pause (a tool call, a retrieval) is seconds without a kernel: clocks have come down while the context
// stays open, which is what loaded_idle is measured in (a parked model, arXiv 2605.23918). Between kernels
// gaps are milliseconds at most and the clocks stay up: active_idle.
//
// The GPUs of tensor parallelism run in step, so times and kernel counts are those of each; energy and power
// are those of all.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/kernel_class.hpp"
#include "replay/contract.hpp"
#include "spec/chain.hpp"
#include "spec/gpu.hpp"

namespace hopsim::metrics {

struct Performance {
  int gpus = 1;
  double latency_s = 0;  // of the whole chain; every sequence of the batch ends then
  double tokens = 0;     // decoded, over all sequences
  double tokens_per_s = 0;
  double energy_j = 0;
  double j_per_token = 0;
  double power_w = 0;        // mean over the chain
  double accuracy = 0;       // share of right answers; 0: unknown, as nobody measured this precision
  double j_per_correct = 0;  // energy of one chain over it; 0: unknown
  double s_per_correct = 0;  // time of one chain over it, a right answer's share of the batch; 0: unknown
  double host_bound_fraction =
      0;  // of the time without pauses, the share in which the stream had nothing to run
  double idle_s = 0;
  double pause_s = 0;
  std::array<double, kKernelClassCount> class_s{};
  std::array<double, kKernelClassCount> class_j{};
  std::int64_t kernels = 0;
  std::int64_t steps = 0;

  [[nodiscard]] bool accuracy_known() const { return accuracy > 0; }
  [[nodiscard]] double casting_s() const;
  [[nodiscard]] double computing_s() const;  // kernels that don't cast
};

/// What a stack's precision does to answers and tokens, at one model and chain.
struct Quality {
  std::optional<double> accuracy_ratio;  // over 16 bit, where it is known
  double token_inflation = 1;
};

/// `chain` is the one that was replayed, token inflation included. Requires a positive latency.
[[nodiscard]] Performance performance(const replay::Totals& totals, const spec::GpuSpec& gpu,
                                      const spec::ChainSpec& chain, int batch, const Quality& quality,
                                      int gpus = 1);

}  // namespace hopsim::metrics
