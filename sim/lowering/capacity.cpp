// SPDX-License-Identifier: Apache-2.0
#include "lowering/capacity.hpp"

#include <algorithm>
#include <optional>

#include "lowering/split.hpp"

namespace hopsim::lowering {

ChainNeed chain_need(const spec::ChainSpec& chain, const std::vector<spec::Wave>& waves) {
  ChainNeed out;
  out.cache_tokens = chain.peak_cache_tokens();
  for (const spec::Wave& wave : waves) {
    out.widest = std::max(out.widest, static_cast<int>(wave.hops.size()));
    for (const spec::PrefillStep& step : wave.prefills) {
      out.most_rows = std::max(out.most_rows, step.width * step.tokens);
    }
  }
  out.most_rows = std::max(out.most_rows, out.widest);
  return out;
}

ChainNeed chain_need(const spec::ChainSpec& chain) { return chain_need(chain, spec::waves(chain)); }

MemoryNeed memory_need(const spec::ModelSpec& model, const spec::StackSpec& stack, const ChainNeed& chain,
                       int batch, int gpus) {
  constexpr double kBytes16 = 2;
  constexpr double kBytes32 = 4;
  const std::optional<spec::ModelSpec> split = gpus > 1 ? std::optional(part_of(model, gpus)) : std::nullopt;
  const spec::ModelSpec& part = split ? *split : model;
  MemoryNeed out;
  out.weights_bytes = part.linear_params() * stack.linear_bytes_per_weight +
                      (part.params() - part.linear_params()) * kBytes16;
  out.kv_bytes = 2.0 * part.layers * part.kv_heads * part.head_dim * stack.kv_bytes_per_element * batch *
                 chain.cache_tokens;
  // Alive at once in a block: the residual stream, a normed copy, gate and up; and the logits of one token in
  // FP32.
  const double rows = static_cast<double>(batch) * chain.most_rows;
  out.activation_bytes = rows * (2.0 * part.hidden + 2.0 * part.ffn) * kBytes16 +
                         static_cast<double>(batch) * chain.widest * model.vocab * (kBytes16 + kBytes32);
  out.reserve_bytes = stack.reserve_gb * 1e9;
  return out;
}

bool fits(const MemoryNeed& need, const spec::GpuSpec& gpu) {
  return need.total() <= gpu.memory_mib * 1024.0 * 1024.0;
}

int fewest_gpus(const spec::ModelSpec& model, const spec::StackSpec& stack, const ChainNeed& chain, int batch,
                const spec::GpuSpec& gpu) {
  for (int gpus = 1; gpus <= 64; gpus *= 2) {
    if (split_obstacle(model, gpus).empty() && fits(memory_need(model, stack, chain, batch, gpus), gpu)) {
      return gpus;
    }
  }
  return 0;
}

}  // namespace hopsim::lowering
