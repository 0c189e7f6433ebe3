// SPDX-License-Identifier: Apache-2.0
// Tensor parallelism: what one of several equal GPUs holds and runs of a model. Megatron-style (Shoeybi et
// al., arXiv 1909.08053): linear layers are split by outputs (q, k, v, gate, up, LM head) or by inputs (o,
// down), attention by heads, the vocabulary of embedding and LM head by rows; norms are on every GPU.
//
// All ranks have the same shapes, each its own host process that launches its own kernels, and wait for each
// other in every collective. Ranks that start together thus stay together, and one of them, with the
// collectives as kernels of its stream, stands for all: max(t, ..., t) = t. What this leaves out is jitter
// between the ranks' hosts; KV heads fewer than GPUs are held several times.
#pragma once

#include <string>

#include "spec/model.hpp"

namespace hopsim::lowering {

/// Why `gpus` GPUs can't share the model evenly; empty where they can.
[[nodiscard]] std::string split_obstacle(const spec::ModelSpec& model, int gpus);

/// The part of one GPU, as a model of its own: fewer heads, feed-forward columns and words (padded up).
/// Requires that nothing is in the way.
[[nodiscard]] spec::ModelSpec part_of(const spec::ModelSpec& model, int gpus);

}  // namespace hopsim::lowering
