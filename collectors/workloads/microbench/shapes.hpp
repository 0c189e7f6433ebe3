// SPDX-License-Identifier: Apache-2.0
// The matrix products of a decoder's linear layers, y[m, n] = x[m, k] W[n, k]^T, as frameworks run them: q, k
// and v in one product, gate and up in one. Dimensions as the models' config.json state them. Shapes that
// several models share are measured once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hopsim::microbench {

struct DecoderModel {
  const char* name;
  std::int64_t hidden, heads, kv_heads, head_dim, ffn, vocab;
};

struct LayerShape {
  std::int64_t n = 0, k = 0;
  std::string uses;  ///< "mistral-7b:o llama-3.1-8b:o"
  bool lm_head = false;
};

[[nodiscard]] const std::vector<DecoderModel>& decoder_models();

/// All shapes of all models, each once, by weight size.
[[nodiscard]] std::vector<LayerShape> layer_shapes();

/// Weight elements of layer_shapes() without the lm_heads, each once: what quantised stacks dequantise.
[[nodiscard]] std::vector<std::int64_t> dequant_sizes();

}  // namespace hopsim::microbench
