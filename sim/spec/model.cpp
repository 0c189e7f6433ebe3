// SPDX-License-Identifier: Apache-2.0
#include "spec/model.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.hpp"
#include "io/object_reader.hpp"
#include "io/value.hpp"

namespace hopsim::spec {

namespace {

constexpr int kMaxWidth = 1 << 20;

auto as_int(io::ObjectReader& reader, std::string_view key, std::int64_t high = kMaxWidth) -> int {
  return static_cast<int>(reader.integer(key, 1, high));
}

auto flag_or(io::ObjectReader& reader, std::string_view key, bool otherwise) -> bool {
  return reader.has(key) ? reader.flag(key) : otherwise;
}

void check_heads(const ModelSpec& model, io::ObjectReader& reader, std::string_view key) {
  if (model.heads % model.kv_heads != 0) {
    reader.complain(key,
                    fmt::format("{} query heads can't share {} key/value heads", model.heads, model.kv_heads),
                    "the number of query heads is a multiple");
  }
}

auto read_yaml_model(const io::Value& document, Findings& findings) -> ModelSpec {
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "model");
  ModelSpec out;
  out.name = reader.text("name");
  out.hidden = as_int(reader, "hidden");
  out.layers = as_int(reader, "layers", 4096);
  out.heads = as_int(reader, "heads");
  out.kv_heads = as_int(reader, "kv_heads");
  out.head_dim = as_int(reader, "head_dim");
  out.ffn = as_int(reader, "ffn");
  out.vocab = as_int(reader, "vocab", 1 << 24);
  out.tied_embeddings = reader.flag("tied_embeddings");
  out.qkv_bias = reader.flag("qkv_bias");
  out.qk_norm = reader.flag("qk_norm");
  out.o_bias = flag_or(reader, "o_bias", false);
  out.mlp_bias = flag_or(reader, "mlp_bias", false);
  out.published_params = reader.optional_number("published_params", io::kPositive).value_or(0);
  out.source = reader.text("source");
  check_heads(out, reader, "kv_heads");
  reader.finish();
  return out;
}

// A value that a config.json may leave out or set to null; the defaults are those of transformers' config
// classes.
auto config_int(io::ObjectReader& reader, std::string_view key, int otherwise) -> int {
  const io::Value* found = reader.optional_child(key);
  return found == nullptr || found->kind == io::Value::Kind::kNull ? otherwise : as_int(reader, key);
}

auto read_hugging_face(const io::Value& document, Findings& findings) -> ModelSpec {
  static const std::vector<std::string> kFamilies = {"llama", "mistral", "qwen2", "qwen3"};
  io::ObjectReader reader(document, findings);  // never finished: a config has many keys that are no shape
  ModelSpec out;
  const std::size_t family = reader.choice("model_type", kFamilies);
  out.hidden = as_int(reader, "hidden_size");
  out.layers = as_int(reader, "num_hidden_layers", 4096);
  out.heads = as_int(reader, "num_attention_heads");
  out.kv_heads = config_int(reader, "num_key_value_heads", out.heads);
  const bool qwen3 = kFamilies[family] == "qwen3";
  out.head_dim = config_int(reader, "head_dim", qwen3 ? 128 : std::max(1, out.hidden / out.heads));
  out.ffn = as_int(reader, "intermediate_size");
  out.vocab = as_int(reader, "vocab_size", 1 << 24);
  out.tied_embeddings = flag_or(reader, "tie_word_embeddings", false);
  const bool attention_bias = flag_or(reader, "attention_bias", false);
  out.qkv_bias = kFamilies[family] == "qwen2" || attention_bias;
  out.o_bias = kFamilies[family] != "qwen2" && attention_bias;
  out.mlp_bias = flag_or(reader, "mlp_bias", false);
  out.qk_norm = qwen3;
  check_heads(out, reader, "num_key_value_heads");
  const std::filesystem::path path(document.at.file);
  out.name = path.stem() == "config" && path.has_parent_path() ? path.parent_path().filename().string()
                                                               : path.stem().string();
  out.source = "Hugging Face config " + document.at.file;
  return out;
}

}  // namespace

double ModelSpec::linear_params() const {
  const double h = hidden;
  const double q = static_cast<double>(heads) * head_dim;
  const double kv = static_cast<double>(kv_heads) * head_dim;
  return layers * (h * (q + 2 * kv) + q * h + 3.0 * h * ffn);
}

double ModelSpec::params() const {
  const double h = hidden;
  const double q = static_cast<double>(heads) * head_dim;
  const double kv = static_cast<double>(kv_heads) * head_dim;
  const double biases = (qkv_bias ? q + 2 * kv : 0) + (o_bias ? h : 0) + (mlp_bias ? 2.0 * ffn + h : 0);
  const double norms = 2 * h + (qk_norm ? 2.0 * head_dim : 0);
  return linear_params() + layers * (biases + norms) + h +
         (tied_embeddings ? 1 : 2) * static_cast<double>(vocab) * h;
}

ModelSpec load_model_file(const std::string& path) {
  const io::Value document = io::load_yaml(path);
  Findings findings;
  ModelSpec out = document.find("model_type") != nullptr ? read_hugging_face(document, findings)
                                                         : read_yaml_model(document, findings);
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
