// SPDX-License-Identifier: Apache-2.0
// What a point needs in the memory of each GPU, and on how many it would fit. Weights by format with their
// scales, embeddings and norms in 16 bit, KV cache at its fullest, activations of the largest prefill,
// reserve. Over several GPUs each holds its part of the model (lowering/split.hpp), logits whole.
#pragma once

#include <vector>

#include "spec/chain.hpp"
#include "spec/chain_waves.hpp"
#include "spec/gpu.hpp"
#include "spec/model.hpp"
#include "spec/stack.hpp"

namespace hopsim::lowering {

struct MemoryNeed {
  // Of each GPU.
  double weights_bytes = 0;
  double kv_bytes = 0;
  double activation_bytes = 0;
  double reserve_bytes = 0;

  [[nodiscard]] double total() const { return weights_bytes + kv_bytes + activation_bytes + reserve_bytes; }
};

/// What a chain asks for whatever the model and the GPUs: tokens in the KV cache at its fullest, rows of one
/// chain in the largest step, branches in the widest.
struct ChainNeed {
  int cache_tokens = 0, most_rows = 1, widest = 1;
};
/// `waves` are the chain's.
[[nodiscard]] ChainNeed chain_need(const spec::ChainSpec& chain, const std::vector<spec::Wave>& waves);
[[nodiscard]] ChainNeed chain_need(const spec::ChainSpec& chain);

[[nodiscard]] MemoryNeed memory_need(const spec::ModelSpec& model, const spec::StackSpec& stack,
                                     const ChainNeed& chain, int batch, int gpus = 1);

[[nodiscard]] bool fits(const MemoryNeed& need, const spec::GpuSpec& gpu);

/// The smallest of 1, 2, 4, ... 64 GPUs that can share the model and hold it; 0 when there is none.
[[nodiscard]] int fewest_gpus(const spec::ModelSpec& model, const spec::StackSpec& stack,
                              const ChainNeed& chain, int batch, const spec::GpuSpec& gpu);

}  // namespace hopsim::lowering
