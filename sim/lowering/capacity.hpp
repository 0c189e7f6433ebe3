// SPDX-License-Identifier: Apache-2.0
// What a point needs in device memory, and on how many GPUs it would fit. Weights by format with their
// scales, embeddings and norms in 16 bit, KV cache for the longest context, activations of the largest
// prefill, reserve.
#pragma once

#include "spec/chain.hpp"
#include "spec/gpu.hpp"
#include "spec/model.hpp"
#include "spec/stack.hpp"

namespace hopsim::lowering {

struct MemoryNeed {
  double weights_bytes = 0;
  double kv_bytes = 0;
  double activation_bytes = 0;
  double reserve_bytes = 0;

  [[nodiscard]] double total() const { return weights_bytes + kv_bytes + activation_bytes + reserve_bytes; }
};

[[nodiscard]] MemoryNeed memory_need(const spec::ModelSpec& model, const spec::StackSpec& stack,
                                     const spec::ChainSpec& chain, int batch);

/// The smallest of 1, 2, 4, ... 64 GPUs whose memories hold the need when weights and KV cache are split
/// evenly and activations and reserve are paid on each; 0 when 64 are too few.
[[nodiscard]] int fewest_gpus(const MemoryNeed& need, const spec::GpuSpec& gpu);

}  // namespace hopsim::lowering
