// SPDX-License-Identifier: Apache-2.0
#include "spec/model.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::spec {
namespace {

// The keys of a config.json as transformers writes it, with some that are no shape.
constexpr const char* kLlama = R"({
  "architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 128000,
  "eos_token_id": [128001, 128008, 128009], "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02,
  "intermediate_size": 14336, "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama",
  "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "pretraining_tp": 1,
  "rms_norm_eps": 1e-05, "rope_scaling": {"factor": 8.0, "rope_type": "llama3"}, "rope_theta": 500000.0,
  "tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.42.3", "use_cache": true,
  "vocab_size": 128256
})";

auto load(const std::string& text) -> ModelSpec {
  const test::TempDir dir;
  return load_model_file(dir.write("some-model/config.json", text));
}

TEST(Hugging_face_config, Llama_3_1_8B_has_8_03_billion_parameters) {
  const ModelSpec m = load(kLlama);
  EXPECT_EQ(m.name, "some-model");
  EXPECT_EQ(m.kv_heads, 8);
  EXPECT_EQ(m.head_dim, 128);
  EXPECT_FALSE(m.tied_embeddings);
  EXPECT_NEAR(m.params(), 8.030e9, 0.001e9);
}

TEST(Hugging_face_config, Old_Llama_configs_without_grouping_have_as_many_key_heads_as_query_heads) {
  const ModelSpec m = load(R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
    "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 32000})");
  EXPECT_EQ(m.kv_heads, 32);
  EXPECT_NEAR(m.params(), 6.738e9, 0.001e9);
}

TEST(Hugging_face_config, Mistral_with_null_head_dim_takes_hidden_over_heads) {
  const ModelSpec m =
      load(R"({"model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336, "head_dim": null,
    "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "vocab_size": 32000,
    "tie_word_embeddings": false})");
  EXPECT_EQ(m.head_dim, 128);
  EXPECT_NEAR(m.params(), 7.242e9, 0.001e9);
}

TEST(Hugging_face_config, Qwen2_has_biases_in_q_k_and_v_only) {
  const ModelSpec m = load(R"({"model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944,
    "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4, "vocab_size": 152064,
    "tie_word_embeddings": false})");
  EXPECT_TRUE(m.qkv_bias);
  EXPECT_FALSE(m.o_bias);
  EXPECT_NEAR(m.params(), 7.6156e9, 0.0001e9);
}

TEST(Hugging_face_config, Qwen3_has_its_own_head_dim_QK_norm_and_tied_embeddings) {
  const ModelSpec m =
      load(R"({"model_type": "qwen3", "attention_bias": false, "head_dim": 128, "hidden_size": 1024,
    "intermediate_size": 3072, "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8,
    "tie_word_embeddings": true, "vocab_size": 151936})");
  EXPECT_TRUE(m.qk_norm);
  EXPECT_EQ(m.head_dim, 128);  // not 1024 / 16
  EXPECT_NEAR(m.params(), 0.596e9, 0.001e9);
}

TEST(Hugging_face_config, Refuses_an_architecture_it_does_not_know_with_the_list) {
  const std::string e = test::input_error([] { static_cast<void>(load(R"({"model_type": "mamba"})")); });
  EXPECT_NE(e.find("model_type is 'mamba'"), std::string::npos) << e;
  EXPECT_NE(e.find("llama, mistral, qwen2, qwen3"), std::string::npos) << e;
}

TEST(Hugging_face_config, Refuses_heads_that_do_not_group) {
  const std::string e = test::input_error([] {
    static_cast<void>(load(R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
      "num_attention_heads": 32, "num_key_value_heads": 5, "num_hidden_layers": 32, "vocab_size": 32000})"));
  });
  EXPECT_NE(e.find("can't share 5 key/value heads"), std::string::npos) << e;
}

TEST(Dense_model, Has_the_size_asked_for_everywhere) {
  for (double params = 0.25e9; params < 150e9; params *= 1.07) {
    const ModelSpec m = dense_model(params);
    EXPECT_NEAR(m.params() / params, 1, 0.01) << params;
    EXPECT_EQ(m.heads % m.kv_heads, 0);
    EXPECT_GT(m.ffn, m.hidden);
  }
}

TEST(Dense_model, Grows_in_every_dimension) {
  ModelSpec before = dense_model(0.6e9);
  for (const double params : {2e9, 8e9, 30e9, 72e9}) {
    const ModelSpec m = dense_model(params);
    EXPECT_GT(m.hidden, before.hidden);
    EXPECT_GE(m.layers, before.layers);
    EXPECT_GT(m.ffn, before.ffn);
    before = m;
  }
}

TEST(Dense_model, Reads_its_size_from_the_name) {
  EXPECT_NEAR(dense_model_from_name("dense@13b").params(), 13e9, 0.13e9);
  EXPECT_NEAR(dense_model_from_name("dense@0.6b").params(), 0.6e9, 0.006e9);
  EXPECT_NEAR(dense_model_from_name("dense@350m").params(), 0.35e9, 0.0035e9);
  for (const char* bad : {"dense@", "dense@13", "dense@xb", "dense@-3b", "dense@9999b", "dense@nanb"}) {
    EXPECT_THROW(static_cast<void>(dense_model_from_name(bad)), InputError) << bad;
  }
}

}  // namespace
}  // namespace hopsim::spec
