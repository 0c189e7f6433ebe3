// SPDX-License-Identifier: Apache-2.0
#include "microbench/shapes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace hopsim::microbench {

const std::vector<DecoderModel>& decoder_models() {
  static const std::vector<DecoderModel> models = {
      {"qwen3-0.6b", 1024, 16, 8, 128, 3072, 151936},    {"qwen3-1.7b", 2048, 16, 8, 128, 6144, 151936},
      {"qwen3-4b", 2560, 32, 8, 128, 9728, 151936},      {"qwen3-8b", 4096, 32, 8, 128, 12288, 151936},
      {"qwen3-14b", 5120, 40, 8, 128, 17408, 151936},    {"qwen3-32b", 5120, 64, 8, 128, 25600, 151936},
      {"llama-3.1-8b", 4096, 32, 8, 128, 14336, 128256}, {"llama-3.1-70b", 8192, 64, 8, 128, 28672, 128256},
      {"mistral-7b", 4096, 32, 8, 128, 14336, 32000},    {"qwen2.5-14b", 5120, 40, 8, 128, 13824, 152064},
      {"qwen2.5-32b", 5120, 40, 8, 128, 27648, 152064},  {"qwen2.5-72b", 8192, 64, 8, 128, 29568, 152064},
  };
  return models;
}

std::vector<LayerShape> layer_shapes() {
  std::map<std::pair<std::int64_t, std::int64_t>, LayerShape> unique;
  for (const DecoderModel& model : decoder_models()) {
    const auto add = [&](const char* operation, std::int64_t n, std::int64_t k, bool lm_head) {
      LayerShape& shape = unique[{n, k}];
      shape.n = n;
      shape.k = k;
      shape.lm_head = lm_head;
      shape.uses += (shape.uses.empty() ? "" : " ") + std::string(model.name) + ":" + operation;
    };
    const std::int64_t q = model.heads * model.head_dim, kv = model.kv_heads * model.head_dim;
    add("qkv", q + 2 * kv, model.hidden, false);
    add("o", model.hidden, q, false);
    add("gate_up", 2 * model.ffn, model.hidden, false);
    add("down", model.hidden, model.ffn, false);
    add("lm_head", model.vocab, model.hidden, true);
  }
  std::vector<LayerShape> shapes;
  for (auto& [key, shape] : unique) shapes.push_back(std::move(shape));
  std::stable_sort(shapes.begin(), shapes.end(),
                   [](const LayerShape& a, const LayerShape& b) { return a.n * a.k < b.n * b.k; });
  return shapes;
}

std::vector<std::int64_t> dequant_sizes() {
  std::set<std::int64_t> sizes;
  for (const LayerShape& shape : layer_shapes()) {
    if (!shape.lm_head) sizes.insert(shape.n * shape.k);
  }
  return {sizes.begin(), sizes.end()};
}

}  // namespace hopsim::microbench
