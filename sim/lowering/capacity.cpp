// SPDX-License-Identifier: Apache-2.0
#include "lowering/capacity.hpp"

#include <algorithm>

#include "spec/chain_waves.hpp"

namespace hopsim::lowering {

MemoryNeed memory_need(const spec::ModelSpec& model, const spec::StackSpec& stack,
                       const spec::ChainSpec& chain, int batch) {
  constexpr double kBytes16 = 2;
  constexpr double kBytes32 = 4;
  MemoryNeed out;
  out.weights_bytes = model.linear_params() * stack.linear_bytes_per_weight +
                      (model.params() - model.linear_params()) * kBytes16;
  out.kv_bytes = 2.0 * model.layers * model.kv_heads * model.head_dim * stack.kv_bytes_per_element * batch *
                 chain.peak_cache_tokens();
  int most_rows = 1;  // of one chain in a step
  int widest = 1;
  for (const spec::Wave& wave : spec::waves(chain)) {
    widest = std::max(widest, static_cast<int>(wave.hops.size()));
    for (const spec::PrefillStep& step : wave.prefills) {
      most_rows = std::max(most_rows, step.width * step.tokens);
    }
  }
  most_rows = std::max(most_rows, widest);
  // Alive at once in a block: the residual stream, a normed copy, gate and up; and the logits of one token in
  // FP32.
  const double rows = static_cast<double>(batch) * most_rows;
  out.activation_bytes = rows * (2.0 * model.hidden + 2.0 * model.ffn) * kBytes16 +
                         static_cast<double>(batch) * widest * model.vocab * (kBytes16 + kBytes32);
  out.reserve_bytes = stack.reserve_gb * 1e9;
  return out;
}

int fewest_gpus(const MemoryNeed& need, const spec::GpuSpec& gpu) {
  const double memory_bytes = gpu.memory_mib * 1024.0 * 1024.0;
  for (int gpus = 1; gpus <= 64; gpus *= 2) {
    if ((need.weights_bytes + need.kv_bytes) / gpus + need.activation_bytes + need.reserve_bytes <=
        memory_bytes) {
      return gpus;
    }
  }
  return 0;
}

}  // namespace hopsim::lowering
