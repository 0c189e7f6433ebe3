// SPDX-License-Identifier: Apache-2.0
// A dense decoder-only transformer, by its shape. Read from our YAML (`hopsim: model/1`), from a Hugging Face
// config.json as downloaded (model_type llama, mistral, qwen2, qwen3), or made up for a size: dense@13b.
#pragma once

#include <string>

namespace hopsim::spec {

struct ModelSpec {
  std::string name;
  int hidden = 0;
  int layers = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int ffn = 0;
  int vocab = 0;
  bool tied_embeddings = false;
  bool qkv_bias = false;
  bool o_bias = false;
  bool mlp_bias = false;
  bool qk_norm = false;
  double published_params = 0;  // 0 where nothing is published
  std::string source;

  /// Weights of the linear layers inside the transformer blocks (what a quantised stack quantises).
  [[nodiscard]] double linear_params() const;
  /// All parameters: linears, embeddings (once when tied), norms, biases.
  [[nodiscard]] double params() const;
};

/// Reads a model file (YAML, or a Hugging Face config when the document has `model_type`). Throws InputError.
[[nodiscard]] ModelSpec load_model_file(const std::string& path);

/// A dense decoder with `params` parameters (2e8 to 2e11), interpolated along the published shapes of the
/// Qwen3 and Qwen2.5 families, which are listed in dense_model.cpp. Parameter count within 1 % of what was
/// asked for.
[[nodiscard]] ModelSpec dense_model(double params);

/// "dense@13b", "dense@0.6b", "dense@350m": the size, or an InputError. Nothing when the name is no such
/// name.
[[nodiscard]] bool is_dense_name(const std::string& name);
[[nodiscard]] ModelSpec dense_model_from_name(const std::string& name);

}  // namespace hopsim::spec
