// SPDX-License-Identifier: Apache-2.0
// Every shipped file loads, under the names that users rely on, and says of itself what its name says.
#include <gtest/gtest.h>

#include <set>

#include "base/errors.hpp"
#include "spec/catalog.hpp"
#include "spec/experiment.hpp"

namespace hopsim::spec {
namespace {

auto catalog() -> Catalog { return Catalog(Library(HOPSIM_SOURCE_DIR)); }

TEST(Shipped, Gpus_load_and_their_hosts_exist) {
  Catalog c = catalog();
  for (const char* name : {"l4", "a100-80-sxm", "h100-80-sxm", "l40s", "b200-180-sxm", "rtx-4090"}) {
    const GpuSpec& gpu = c.gpu(name);
    EXPECT_EQ(gpu.name, name);
    EXPECT_GT(c.host(gpu.host).speed, 0);
    EXPECT_LE(gpu.power.idle_w, gpu.power.loaded_idle_w);
    EXPECT_LE(gpu.power.loaded_idle_w, gpu.power.active_idle_w);
    EXPECT_TRUE(gpu.families.contains("gemm_bf16"));
  }
}

TEST(Shipped, Models_have_the_published_number_of_parameters_within_one_percent) {
  Catalog c = catalog();
  const std::vector<std::string> names = c.library().models();
  EXPECT_GE(names.size(), 23U);
  for (const std::string& name : names) {
    const ModelSpec& model = c.model(name);
    ASSERT_GT(model.published_params, 0) << name;
    EXPECT_NEAR(model.params() / model.published_params, 1, 0.01) << name;
  }
}

TEST(Shipped, Stacks_load_and_their_anchors_are_16_bit) {
  Catalog c = catalog();
  for (const char* name : {"hf-eager/bf16", "hf-eager/fp16", "hf-compile/bf16", "bnb/nf4", "bnb/nf4-dq",
                           "bnb/int8", "bnb/llm-int8", "torchao/int8-wo", "torchao/int4-wo", "vllm/bf16",
                           "vllm/fp8", "marlin/int4", "trtllm/bf16", "trtllm/fp8", "trtllm/int8-wo",
                           "trtllm/int4-wo", "trtllm/nvfp4", "llamacpp/f16", "llamacpp/q4_0"}) {
    const StackSpec& stack = c.stack(name);
    EXPECT_EQ(stack.name, name);
    EXPECT_EQ(c.stack(stack.anchor).bits, 16) << name;
    EXPECT_EQ(c.stack(stack.anchor).anchor, stack.anchor) << name;
    EXPECT_EQ(c.stack(stack.anchor).execution, stack.execution) << name;
  }
}

TEST(Shipped, Stacks_name_only_families_that_some_gpu_has) {
  Catalog c = catalog();
  std::set<std::string> known;
  for (const std::string& name : c.library().gpus()) {
    for (const auto& [family, ignored] : c.gpu(name).families) {
      known.insert(family);
    }
  }
  for (const std::string& name : c.library().stacks()) {
    for (const auto& [ignored, cases] : c.stack(name).linears) {
      for (const StackCase& one : cases) {
        for (const StackCall& call : one.calls) {
          EXPECT_TRUE(call.kind == StackCall::Kind::kSync || known.contains(call.family))
              << name << " " << call.family;
        }
      }
    }
  }
}

TEST(Shipped, Chains_and_experiments_load) {
  Catalog c = catalog();
  for (const std::string& name : c.library().chains()) {
    EXPECT_EQ(c.chain(name).name, name);
  }
  const ExperimentSpec map = load_experiment(c.library().experiment_path("trap_map"));
  EXPECT_GE(map.gpus.size(), 6U);
  EXPECT_GE(map.models.size(), 12U);
  EXPECT_GE(map.batches.size(), 9U);
  EXPECT_GE(map.stacks.size(), 7U);
}

TEST(Catalog, A_version_is_the_newest_described_that_is_not_newer) {
  Catalog c = catalog();
  EXPECT_EQ(c.stack("bnb/nf4@0.45").version, "0.45");
  EXPECT_EQ(c.stack("bnb/nf4@0.45.1").version, "0.45");
  EXPECT_EQ(c.stack("bnb/nf4@0.48").version, "0.45.5");
  EXPECT_EQ(c.stack("bnb/nf4@0.44.1").version, "0.44");
  EXPECT_EQ(c.stack("bnb/nf4@0.42").version, "0.41");
  EXPECT_EQ(c.stack("bnb/nf4@0.45").name, "bnb/nf4");
}

TEST(Catalog, No_version_is_the_newest_measured_and_a_later_one_the_newest) {
  Catalog c = catalog();
  EXPECT_EQ(c.stack("bnb/nf4").version, "0.49");
  EXPECT_EQ(c.stack("bnb/nf4@0.50").version, "0.50");
  EXPECT_EQ(c.stack("bnb/nf4@9").version, "0.50");
}

TEST(Catalog, A_version_older_than_all_is_rejected_with_what_is_described) {
  Catalog c = catalog();
  try {
    static_cast<void>(c.stack("bnb/nf4@0.1"));
    FAIL() << "accepted";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("0.41, 0.43, 0.44, 0.45"), std::string::npos) << e.what();
  }
}

TEST(Shipped, Every_version_of_a_stack_names_the_version_of_its_file) {
  Catalog c = catalog();
  for (const std::string& name : c.library().stacks()) {
    const std::size_t at = name.find('@');
    if (at != std::string::npos) {
      EXPECT_EQ(c.stack(name).version, name.substr(at + 1)) << name;
      EXPECT_EQ(c.stack(name).name, name.substr(0, at)) << name;
      EXPECT_NE(c.stack(name).version, c.stack(name.substr(0, at)).version) << name;
    }
  }
}

TEST(Version_less, Compares_numbers_not_letters) {
  EXPECT_TRUE(version_less("0.9", "0.45"));
  EXPECT_TRUE(version_less("0.44.1", "0.45"));
  EXPECT_FALSE(version_less("0.45", "0.45"));
}

}  // namespace
}  // namespace hopsim::spec
