// SPDX-License-Identifier: Apache-2.0
// Every shipped file loads, under the names that users rely on, and says of itself what its name says.
#include <gtest/gtest.h>

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
  for (const char* name :
       {"hf-eager/bf16", "bnb/nf4", "bnb/int8", "bnb/llm-int8", "vllm/bf16", "marlin/int4", "vllm/fp8"}) {
    const StackSpec& stack = c.stack(name);
    EXPECT_EQ(stack.name, name);
    EXPECT_EQ(c.stack(stack.anchor).bits, 16) << name;
    EXPECT_EQ(c.stack(stack.anchor).anchor, stack.anchor) << name;
    EXPECT_EQ(c.stack(stack.anchor).execution, stack.execution) << name;
  }
}

TEST(Shipped, Stacks_name_only_families_that_some_gpu_has) {
  Catalog c = catalog();
  const GpuSpec& gpu = c.gpu("h100-80-sxm");
  for (const std::string& name : c.library().stacks()) {
    for (const auto& [ignored, cases] : c.stack(name).linears) {
      for (const StackCase& one : cases) {
        for (const StackCall& call : one.calls) {
          EXPECT_TRUE(call.kind == StackCall::Kind::kSync || gpu.families.contains(call.family))
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

TEST(Catalog, Takes_a_version_that_is_not_older_than_what_is_described) {
  Catalog c = catalog();
  EXPECT_EQ(c.stack("bnb/nf4@0.46").name, "bnb/nf4");
  EXPECT_EQ(c.stack("bnb/nf4@0.45").name, "bnb/nf4");
  EXPECT_THROW(static_cast<void>(c.stack("bnb/nf4@0.41")), InputError);
}

TEST(Version_less, Compares_numbers_not_letters) {
  EXPECT_TRUE(version_less("0.9", "0.45"));
  EXPECT_TRUE(version_less("0.44.1", "0.45"));
  EXPECT_FALSE(version_less("0.45", "0.45"));
}

}  // namespace
}  // namespace hopsim::spec
