// SPDX-License-Identifier: Apache-2.0
#include "spec/field.hpp"

#include <gtest/gtest.h>

#include "spec/catalog.hpp"
#include "spec/experiment.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::spec {
namespace {

auto shipped() -> Catalog { return Catalog(Library(HOPSIM_SOURCE_DIR)); }

TEST(Changed, Scales_and_replaces_what_the_path_names_and_nothing_else) {
  Catalog catalog = shipped();
  const GpuSpec& before = catalog.gpu("l4");
  const GpuSpec& after =
      catalog.gpu("l4", {{{"hbm_gb_s"}, true, 1.5, {}},
                         {{"launch_us"}, false, 2.5, {}},
                         {{"families", "gemm_bf16", "parameters", "t0_us"}, true, 0.5, {}}});
  EXPECT_EQ(after.hbm_gb_s, 1.5 * before.hbm_gb_s);
  EXPECT_EQ(after.launch_us, 2.5);
  EXPECT_EQ(after.families.at("gemm_bf16").parameter("t0_us"),
            0.5 * before.families.at("gemm_bf16").parameter("t0_us"));
  EXPECT_EQ(after.families.at("gemm_bf16").parameter("hbm_efficiency"),
            before.families.at("gemm_bf16").parameter("hbm_efficiency"));
  EXPECT_EQ(after.tdp_w, before.tdp_w);
  EXPECT_EQ(catalog.gpu("l4").hbm_gb_s, before.hbm_gb_s);
}

TEST(Changed, Refuses_a_path_that_names_nothing_or_no_number) {
  Catalog catalog = shipped();
  const auto error = [&](std::vector<std::string> path) {
    return test::input_error([&] {
      static_cast<void>(catalog.gpu("l4", {{std::move(path), true, 2, {"x.yaml", 3, 4}}}));
    });
  };
  EXPECT_NE(error({"hbm_gbs"}).find("x.yaml:3:4: GPU 'l4' has no field 'hbm_gbs'; did you mean 'hbm_gb_s'?"),
            std::string::npos);
  EXPECT_NE(error({"peak_tflops", "bf61"}).find("did you mean 'bf16'?"), std::string::npos);
  EXPECT_NE(error({"title"}).find("only numbers can be varied"), std::string::npos);
  EXPECT_NE(error({"power"}).find("is a mapping"), std::string::npos);
}

TEST(Changed, A_value_out_of_range_is_refused_where_it_was_asked_for) {
  Catalog catalog = shipped();
  EXPECT_NE(test::input_error([&] {
              static_cast<void>(catalog.host("reference", {{{"speed"}, true, 1e6, {"x.yaml", 3, 4}}}));
            }).find("x.yaml:3:4: speed is out of range"),
            std::string::npos);
}

TEST(Numeric_fields, Are_found_at_any_depth_in_the_order_of_the_file) {
  const io::Value document = io::parse_yaml("a: 1\nb: {c: 2.5, d: text, e: {f: 3}}\ng: [4]\nh: '5'\n", "x");
  EXPECT_EQ(numeric_fields(document),
            (std::vector<std::vector<std::string>>{{"a"}, {"b", "c"}, {"b", "e", "f"}}));
}

class Vary : public testing::Test {
 protected:
  std::string error_of(const std::string& vary) {
    const std::string path = dir_.write(
        "x.yaml",
        "hopsim: experiment/1\nname: x\ntitle: x\ngrid: {gpus: [l4], hosts: [default], models: [qwen3-0.6b], "
        "stacks: [bnb/nf4], batches: [1], chains: [vote-5]}\nvary:\n" +
            vary);
    return test::input_error([&] { read_ = load_experiment(path); });
  }

  test::TempDir dir_;
  ExperimentSpec read_;
};

TEST_F(Vary, Reads_axes_of_fields) {
  EXPECT_EQ(error_of("  gpu.hbm_gb_s: {scale: [1, 2]}\n  chain.line.decode_tokens: {set: [100, 200, 400]}\n"),
            "");
  ASSERT_EQ(read_.vary.size(), 2U);
  EXPECT_EQ(read_.vary[1].target, VarySpec::Target::kChain);
  EXPECT_EQ(read_.vary[1].steps[2].path, (std::vector<std::string>{"line", "decode_tokens"}));
  EXPECT_EQ(read_.vary[1].steps[2].value, 400);
  EXPECT_FALSE(read_.seeks_critical());
}

TEST_F(Vary, Refuses_other_targets_no_list_both_kinds_twice_the_same_and_factors_of_0) {
  EXPECT_NE(error_of("  gpus.hbm_gb_s: {scale: [1]}\n").find("did you mean 'gpu'?"), std::string::npos);
  EXPECT_NE(error_of("  gpu: {scale: [1]}\n").find("no field that can be varied"), std::string::npos);
  EXPECT_NE(error_of("  gpu.hbm_gb_s: {scale: 1}\n").find("needs scale: or set:"), std::string::npos);
  EXPECT_NE(error_of("  gpu.hbm_gb_s: {scale: [1], set: [1]}\n").find("needs scale: or set:"),
            std::string::npos);
  EXPECT_NE(error_of("  gpu.hbm_gb_s: {scale: [1, 1]}\n").find("holds 1 twice"), std::string::npos);
  EXPECT_NE(error_of("  gpu.hbm_gb_s: {scale: [0]}\n").find("out of range"), std::string::npos);
  EXPECT_NE(error_of("  gpu.hbm_gb_s: {scael: [1]}\n").find("did you mean 'scale'?"), std::string::npos);
}

}  // namespace
}  // namespace hopsim::spec
