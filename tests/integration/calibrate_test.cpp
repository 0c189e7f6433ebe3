// SPDX-License-Identifier: Apache-2.0
// hopsim calibrate and predict from end to end, on a table made up here: 16-bit layers at 60 % of an H100's
// bandwidth plus 5 us.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "integration/command.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using test::hopsim;

class Calibrate : public testing::Test {
 protected:
  Calibrate() {
    std::string text = "framework,version,kernel,dtype,m,n,k,latency_us\n";
    for (const int m : {1, 8, 64}) {
      for (const int n : {1024, 2048, 4096, 8192, 16384}) {
        for (const int k : {1024, 4096, 8192}) {
          const double bytes = 2.0 * n * k + 2.0 * m * (n + k);
          text += "vllm,1,x,bfloat16," + std::to_string(m) + "," + std::to_string(n) + "," +
                  std::to_string(k) + "," + std::to_string(5 + bytes / (0.6 * 3350e3)) + "\n";
        }
      }
    }
    table_ = dir_.write("k.csv", text);
  }
  auto calibrate(const std::string& output) {
    return hopsim({"calibrate", "--base",
                   std::string(HOPSIM_SOURCE_DIR) + "/hw_profiles/small/h100-80-sxm.yaml", "--table", table_,
                   "-o", output, "--json"});
  }
  static auto bytes_of(const std::string& path) -> std::string {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }

  test::TempDir dir_;
  std::string table_;
};

TEST_F(Calibrate, Writes_a_profile_that_predicts_the_table_and_is_the_same_each_time) {
  const test::Outcome fitted = calibrate(dir_ / "p.yaml");
  ASSERT_EQ(fitted.status, 0) << fitted.err;
  const auto families = io::Json::parse(fitted.out)["families"];
  ASSERT_EQ(families.size(), 1U);
  EXPECT_EQ(families[0]["name"], "gemm_bf16");
  EXPECT_EQ(families[0]["n"], 45);
  EXPECT_LT(families[0]["median_ape"], 0.05);
  const std::string first = bytes_of(dir_ / "p.yaml");
  ASSERT_EQ(calibrate(dir_ / "p.yaml").status, 0);
  EXPECT_EQ(bytes_of(dir_ / "p.yaml"), first);

  const test::Outcome predicted =
      hopsim({"predict", "--profile", dir_ / "p.yaml", "--table", table_, "-o", dir_ / "out.csv", "--json"});
  ASSERT_EQ(predicted.status, 0) << predicted.err;
  const auto result = io::Json::parse(predicted.out);
  EXPECT_EQ(result["n"], 45);
  EXPECT_LT(result["median_ape"], 0.03);
  EXPECT_TRUE(result["dtypes"].contains("bfloat16"));
  EXPECT_NE(bytes_of(dir_ / "out.csv").find("latency_us,predicted_us,error90,reach,family,error\n"),
            std::string::npos);
  const test::Outcome ran =
      hopsim({"run", "--gpu", dir_ / "p.yaml", "--model", "qwen3-0.6b", "--stack", "vllm/bf16", "--json"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(io::Json::parse(ran.out)["missing_families"], "attention_decode");  // its base has none
}

TEST_F(Calibrate, Leaves_out_rows_of_an_unknown_number_format_and_says_so) {
  const std::string mixed = dir_.write("mixed.csv", bytes_of(table_) + "vllm,1,x,float32,8,4096,4096,100\n");
  const std::vector<std::string> command = {
      "calibrate",    "--base", std::string(HOPSIM_SOURCE_DIR) + "/hw_profiles/small/h100-80-sxm.yaml",
      "--table",      mixed,    "-o",
      dir_ / "p.yaml"};
  const test::Outcome text = hopsim(command);
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("1 row left out: no kernel family has the number format 'float32'"),
            std::string::npos)
      << text.out;
  const std::string odd = dir_.write(
      "odd.csv", "framework,version,kernel,dtype,m,n,k,latency_us\nvllm,1,x,float32,8,4096,4096,100\n");
  const test::Outcome nothing =
      hopsim({"calibrate", "--base", "h100-80-sxm", "--table", odd, "-o", dir_ / "q.yaml"});
  EXPECT_EQ(nothing.status, 2);
  EXPECT_NE(nothing.err.find("float32"), std::string::npos) << nothing.err;
}

TEST_F(Calibrate, A_row_without_latency_asks_for_a_prediction) {
  const std::string ask = dir_.write(
      "ask.csv", "framework,version,kernel,dtype,m,n,k,latency_us\nvllm,1,x,bfloat16,8,4096,4096,\n");
  const test::Outcome o = hopsim({"predict", "--profile", "h100-80-sxm", "--table", ask, "--json"});
  ASSERT_EQ(o.status, 0) << o.err;
  const auto result = io::Json::parse(o.out);
  EXPECT_EQ(result["n"], 0);
  EXPECT_EQ(result["rows"], 1);
  EXPECT_TRUE(result["median_ape"].is_null());
}

TEST_F(Calibrate, A_table_without_latencies_asks_for_predictions) {
  const std::string ask =
      dir_.write("ask.csv", "framework,version,kernel,dtype,m,n,k\nvllm,1,x,bfloat16,8,4096,4096\n");
  const test::Outcome o = hopsim({"predict", "--profile", "h100-80-sxm", "--table", ask});
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("line 2"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("(interpolated)"), std::string::npos) << o.out;
}

TEST_F(Calibrate, Bad_input_leaves_no_profile) {
  const std::string bad = dir_.write(
      "bad.csv", "framework,version,kernel,dtype,m,n,k,latency_us\nvllm,1,x,bfloat16,8,4096,4096,fast\n");
  const test::Outcome o =
      hopsim({"calibrate", "--base", "h100-80-sxm", "--table", bad, "-o", dir_ / "p.yaml"});
  EXPECT_EQ(o.status, 2);
  EXPECT_NE(o.err.find("bad.csv:2:1: latency_us is 'fast'"), std::string::npos) << o.err;
  EXPECT_FALSE(std::filesystem::exists(dir_ / "p.yaml"));
  EXPECT_EQ(hopsim({"calibrate", "--base", "h100-80-sxm", "-o", dir_ / "p.yaml"}).status, 2);
  EXPECT_EQ(hopsim({"predict", "--profile", "h100-80-sxm", "--table", dir_ / "none.csv"}).status, 2);
}

}  // namespace
}  // namespace hopsim
