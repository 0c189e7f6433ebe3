// SPDX-License-Identifier: Apache-2.0
#include "lowering/capacity.hpp"

#include <algorithm>
#include <optional>

#include "lowering/split.hpp"
#include "spec/chain_waves.hpp"

namespace hopsim::lowering {

namespace {

// What a chain asks for whatever the model and the GPUs: tokens in the KV cache at its fullest, rows of one
// chain in the largest step, branches in the widest.
struct ChainNeed {
  int cache_tokens = 0, most_rows = 1, widest = 1;
};

auto chain_need(const spec::ChainSpec& chain) -> ChainNeed {
  ChainNeed out;
  out.cache_tokens = chain.peak_cache_tokens();
  for (const spec::Wave& wave : spec::waves(chain)) {
    out.widest = std::max(out.widest, static_cast<int>(wave.hops.size()));
    for (const spec::PrefillStep& step : wave.prefills) {
      out.most_rows = std::max(out.most_rows, step.width * step.tokens);
    }
  }
  out.most_rows = std::max(out.most_rows, out.widest);
  return out;
}

auto memory_of(const spec::ModelSpec& model, const spec::StackSpec& stack, const ChainNeed& chain, int batch,
               int gpus) -> MemoryNeed {
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

}  // namespace

MemoryNeed memory_need(const spec::ModelSpec& model, const spec::StackSpec& stack,
                       const spec::ChainSpec& chain, int batch, int gpus) {
  return memory_of(model, stack, chain_need(chain), batch, gpus);
}

bool fits(const MemoryNeed& need, const spec::GpuSpec& gpu) {
  return need.total() <= gpu.memory_mib * 1024.0 * 1024.0;
}

int fewest_gpus(const spec::ModelSpec& model, const spec::StackSpec& stack, const spec::ChainSpec& chain,
                int batch, const spec::GpuSpec& gpu) {
  const ChainNeed need = chain_need(chain);
  for (int gpus = 1; gpus <= 64; gpus *= 2) {
    if (split_obstacle(model, gpus).empty() && fits(memory_of(model, stack, need, batch, gpus), gpu)) {
      return gpus;
    }
  }
  return 0;
}

}  // namespace hopsim::lowering
