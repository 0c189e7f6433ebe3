// SPDX-License-Identifier: Apache-2.0
#include "spec/gpu.hpp"

#include <gtest/gtest.h>

#include "spec/library.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::spec {
namespace {

const std::string kH100 = std::string(HOPSIM_SOURCE_DIR) + "/hw_profiles/h100-80-sxm.yaml";

// A profile that extends the H100 and changes something.
auto error_of(const std::string& changes) -> std::string {
  const test::TempDir dir;
  const std::string base = std::filesystem::relative(kH100, dir.path()).string();
  const std::string file =
      dir.write("g.yaml", "hopsim: gpu/1\nname: mine\nextends: " + base + "\n" + changes);
  return test::input_error([&] { static_cast<void>(load_gpu(file)); });
}

TEST(Gpu, Extends_overrides_one_field_and_keeps_the_rest) {
  const test::TempDir dir;
  const std::string base = std::filesystem::relative(kH100, dir.path()).string();
  const GpuSpec gpu = load_gpu(dir.write(
      "g.yaml", "hopsim: gpu/1\nname: fast\nextends: " + base + "\nhbm_gb_s: 6700\npower: {busy_w: 10}\n"));
  const GpuSpec original = load_gpu(kH100);
  EXPECT_EQ(gpu.name, "fast");
  EXPECT_EQ(gpu.hbm_gb_s, 6700);
  EXPECT_EQ(gpu.power.busy_w, 10);
  EXPECT_EQ(gpu.power.active_idle_w, original.power.active_idle_w);
  EXPECT_EQ(gpu.families.size(), original.families.size());
}

TEST(Gpu, Refuses_negative_missing_and_misspelt_fields_at_their_place) {
  EXPECT_NE(error_of("hbm_gb_s: -1\n").find("g.yaml:4:11: hbm_gb_s is out of range: -1"), std::string::npos);
  EXPECT_NE(error_of("hbm_gbs: 100\n").find("did you mean 'hbm_gb_s'?"), std::string::npos);
  EXPECT_NE(error_of("tdp_kw: 0.7\n").find("wrong unit; write 'tdp_w'"), std::string::npos);
  EXPECT_NE(error_of("sms: 13.5\n").find("whole number"), std::string::npos);
  EXPECT_NE(error_of("power: {idle_w: 900}\n").find("out of range: 900"),
            std::string::npos);  // above the board limit
}

TEST(Gpu, Refuses_a_number_without_provenance) {
  EXPECT_NE(error_of("provenance: []\n").find("no provenance for 'hbm_gb_s'"), std::string::npos);
}

TEST(Gpu, Refuses_a_family_whose_tensor_peak_the_gpu_lacks) {
  const std::string e = error_of("families: {gemm_bf16: {tensor_peak: fp4}}\n");
  EXPECT_NE(e.find("no tensor peak 'fp4'"), std::string::npos) << e;
}

TEST(Gpu, Reads_the_range_of_a_free_parameter_and_refuses_others) {
  const KernelFamily family = load_gpu(kH100).families.at("dequant_4bit");
  EXPECT_EQ(family.free.at("alu_per_sm_clock"), std::pair(1.66, 3.32));
  const auto with = [](const std::string& free) {
    return error_of("families: {dequant_4bit: {free: " + free + "}}\n");
  };
  EXPECT_NE(with("{alu_per_sm_clocks: \"1 2\"}").find("did you mean 'alu_per_sm_clock'?"), std::string::npos);
  EXPECT_NE(with("{alu_per_sm_clock: \"2 1\"}").find("two rising numbers"), std::string::npos);
}

TEST(Load_extended, A_base_may_stand_in_the_data_folder) {
  const test::TempDir dir;
  dir.write("data/hw_profiles/l4.yaml", "hopsim: gpu/1\nname: base\nx: 1\n");
  dir.write("data/experiments/any.yaml", "");
  dir.write("mine.yaml", "extends: hw_profiles/l4.yaml\nname: mine\n");
  ASSERT_EQ(setenv("HOPSIM_DATA", (dir / "data").c_str(), 1), 0);
  const io::Value mine = load_extended(dir / "mine.yaml");
  unsetenv("HOPSIM_DATA");
  ASSERT_NE(mine.find("x"), nullptr);
  EXPECT_EQ(mine.find("x")->scalar, "1");
}

TEST(Load_extended, Refuses_circles_and_missing_bases) {
  const test::TempDir dir;
  dir.write("a.yaml", "extends: b.yaml\nx: 1\n");
  dir.write("b.yaml", "extends: a.yaml\ny: 1\n");
  EXPECT_NE(test::input_error([&] { static_cast<void>(load_extended(dir / "a.yaml")); }).find("in a circle"),
            std::string::npos);
  dir.write("c.yaml", "extends: no.yaml\n");
  EXPECT_NE(
      test::input_error([&] { static_cast<void>(load_extended(dir / "c.yaml")); }).find("names no file"),
      std::string::npos);
}

TEST(Library, An_unknown_name_lists_what_there_is) {
  const std::string e =
      test::input_error([] { static_cast<void>(Library(HOPSIM_SOURCE_DIR).gpu_path("h100-80-smx")); });
  EXPECT_NE(e.find("did you mean 'h100-80-sxm'?"), std::string::npos) << e;
}

}  // namespace
}  // namespace hopsim::spec
