// SPDX-License-Identifier: Apache-2.0
// sweep -> results file -> report, on a grid small enough for a sanitized build.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "integration/command.hpp"
#include "io/files.hpp"
#include "io/hdf5.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using test::hopsim;

constexpr const char* kExperiment =
    "hopsim: experiment/1\nname: tiny\ntitle: tiny\ngrid:\n  gpus: [l4, rtx-4090]\n  hosts: [default]\n"
    "  models: [qwen3-0.6b, mistral-7b]\n  stacks: [hf-eager/bf16, bnb/nf4, vllm/bf16, vllm/fp8]\n  batches: "
    "[1, 8]\n"
    "  chains: [gsm8k-5x200]\ncritical: {lowest_params_b: 0.5, highest_params_b: 20}\n";

TEST(Sweep_and_report, Make_a_results_file_tables_and_pictures) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", kExperiment);
  const test::Outcome swept = hopsim({"sweep", x, "-o", dir / "r.h5", "--json", "--jobs", "2"});
  ASSERT_EQ(swept.status, 0) << swept.err;
  const io::Json s = io::Json::parse(swept.out);
  EXPECT_EQ(s["points"], 2 * 2 * 4 * 2);
  EXPECT_GT(s["kernels"].get<double>(), 1e6);
  std::int64_t verdicts = 0;
  for (const auto& [name, count] : s["verdicts"].items()) {
    verdicts += count.get<std::int64_t>();
  }
  EXPECT_EQ(verdicts, 2 * 2 * 4 * 2);
  EXPECT_EQ(s["verdicts"]["anchor"], 2 * 2 * 2 * 2);

  const test::Outcome reported = hopsim({"report", dir / "r.h5", "-o", dir / "out", "--json"});
  ASSERT_EQ(reported.status, 0) << reported.err;
  const io::Json r = io::Json::parse(reported.out);
  EXPECT_EQ(r["files"].size(), 3U + 2 * 2);
  for (const io::Json& file : r["files"]) {
    EXPECT_GT(std::filesystem::file_size(file.get<std::string>()), 500U) << file;
  }
  const std::string csv = io::read_text_file(dir / "out/points.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 2 * 4 * 2);
}

TEST(Sweep, With_one_event_a_kernel_gives_the_points_of_the_folded_engine) {
  const test::TempDir dir;
  const std::string x =
      dir.write("x.yaml",
                "hopsim: experiment/1\nname: short\ntitle: short\ngrid:\n  gpus: [l4]\n  hosts: [default]\n"
                "  models: [qwen3-0.6b]\n  stacks: [hf-eager/bf16, bnb/nf4, vllm/bf16]\n  batches: [1, 8]\n"
                "  chains: [gsm8k-5x200]\nvary:\n  chain.line.decode_tokens: {set: [2, 3]}\n");
  for (const char* engine : {"folded", "simgrid"}) {
    const test::Outcome swept =
        hopsim({"sweep", x, "-o", dir / engine, "-q", "--jobs", "2", "--engine", engine});
    ASSERT_EQ(swept.status, 0) << swept.err;
  }
  const io::Hdf5Reader folded(dir / "folded");
  const io::Hdf5Reader simgrid(dir / "simgrid");
  for (const char* column : {"latency_s", "energy_j", "cor", "casting_s", "host_bound_fraction"}) {
    const std::vector<double> a = folded.doubles("/points", column);
    const std::vector<double> b = simgrid.doubles("/points", column);
    ASSERT_EQ(a.size(), 2U * 3 * 2);
    ASSERT_EQ(b.size(), a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_NEAR(b[i], a[i], 1e-9 * std::abs(a[i])) << column << " of point " << i;
    }
  }
  EXPECT_EQ(simgrid.integers("/points", "kernels"), folded.integers("/points", "kernels"));
}

TEST(Sweep, Draws_with_one_event_a_kernel_what_the_folded_engine_draws) {
  const test::TempDir dir;
  const std::string x =
      dir.write("x.yaml",
                "hopsim: experiment/1\nname: short\ntitle: short\ngrid:\n  gpus: [l4]\n  hosts: [default]\n"
                "  models: [qwen3-0.6b]\n  stacks: [hf-eager/bf16, bnb/nf4]\n  batches: [8]\n"
                "  chains: [gsm8k-5x200]\nvary:\n  chain.line.decode_tokens: {set: [2, 3]}\n");
  for (const char* engine : {"folded", "simgrid"}) {
    const test::Outcome swept =
        hopsim({"sweep", x, "-o", dir / engine, "-q", "--jobs", "2", "--engine", engine, "--draws", "3"});
    ASSERT_EQ(swept.status, 0) << swept.err;
  }
  const io::Hdf5Reader folded(dir / "folded");
  const io::Hdf5Reader simgrid(dir / "simgrid");
  for (const char* column :
       {"verdict_share", "cor_low", "cor_high", "energy_ratio_low", "energy_ratio_high"}) {
    const std::vector<double> a = folded.doubles("/point_bands", column);
    const std::vector<double> b = simgrid.doubles("/point_bands", column);
    ASSERT_EQ(a.size(), 2U * 2);
    ASSERT_EQ(b.size(), a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_NEAR(b[i], a[i], 1e-9 * (1 + std::abs(a[i]))) << column << " of point " << i;
    }
  }
}

TEST(Sweep_and_report, With_draws_add_tables_of_bands) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", kExperiment);
  const std::vector<std::string> sweep = {"sweep", x, "-o", dir / "r.h5", "--json", "--draws", "4"};
  const test::Outcome swept = hopsim(sweep);
  ASSERT_EQ(swept.status, 0) << swept.err;
  EXPECT_EQ(io::Json::parse(swept.out)["draws"], 4);
  ASSERT_EQ(hopsim({"report", dir / "r.h5", "-o", dir / "out", "-q"}).status, 0);
  EXPECT_TRUE(io::read_text_file(dir / "out/point_bands.csv").starts_with("gpu,host,model,stack"));
  EXPECT_TRUE(io::read_text_file(dir / "out/critical_bands.csv").starts_with("kind,gpu,host,stack"));

  std::vector<std::string> resumed = sweep;
  resumed.emplace_back("--resume");
  EXPECT_EQ(hopsim(resumed).status, 0);
  resumed[6] = "5";
  const test::Outcome other = hopsim(resumed);
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("can't be resumed: it has 4 draws of seed 1, not 5 draws of seed 1"),
            std::string::npos)
      << other.err;
  EXPECT_EQ(hopsim({"sweep", x, "-o", dir / "r.h5", "--draws", "-1"}).status, 2);
}

TEST(Sweep, Refuses_options_that_would_not_be_heeded) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--elasticity", "--critical-elasticity"},
        {"--elasticity", "--dry-run"},
        {"--critical-elasticity", "--draws", "4"},
        {"--dry-run", "--seed", "7"}}) {
    std::vector<std::string> arguments = {"sweep", "paper"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const test::Outcome outcome = hopsim(arguments);
    EXPECT_EQ(outcome.status, 2) << options.front();
    EXPECT_TRUE(outcome.out.empty()) << outcome.out;
  }
}

TEST(Sweep, Says_which_fields_move_a_critical_size_and_where_there_is_none) {
  const test::TempDir dir;
  const std::string x = dir.write(
      "x.yaml",
      "hopsim: experiment/1\nname: tiny\ntitle: tiny\ngrid:\n  gpus: [l4]\n  hosts: [default]\n"
      "  models: [qwen3-0.6b]\n  stacks: [bnb/nf4, vllm/fp8]\n  batches: [1]\n  chains: [gsm8k-5x200]\n"
      "critical: {lowest_params_b: 0.5, highest_params_b: 20}\n");
  const test::Outcome outcome = hopsim({"sweep", x, "--critical-elasticity", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  bool host = false;
  bool never = false;
  for (const io::Json& row : io::Json::parse(outcome.out)) {
    if (row["stack"] == "bnb/nf4" && row["equal"] == "latency" && row.contains("field")) {
      // Below N* the GPU waits for the host: a faster host makes the trap end earlier.
      host = host || (row["field"] == "host.speed" && row["elasticity"].get<double>() < 0);
      EXPECT_EQ(row["outcome"], "crossings");
    }
    never =
        never || (row["stack"] == "vllm/fp8" && row["outcome"] == "never trapped" && !row.contains("field"));
  }
  EXPECT_TRUE(host);
  EXPECT_TRUE(never);
}

TEST(Validate, The_shipped_suites_hold_and_print_what_programs_rely_on) {
  const test::Outcome outcome = hopsim({"validate", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const io::Json r = io::Json::parse(outcome.out);
  EXPECT_EQ(r["sign_agreement"], 1.0);
  EXPECT_LT(r["median_ape"].get<double>(), 0.1);
  for (const io::Json& row : r["rows"]) {
    for (const char* key : {"name", "metric", "measured", "predicted", "error", "fitted"}) {
      EXPECT_TRUE(row.contains(key)) << key;
    }
  }
}

TEST(Validate, A_suite_that_misses_its_tolerance_exits_with_1) {
  const test::TempDir dir;
  const std::string suite =
      dir.write("v.yaml",
                "hopsim: validation/1\nname: v\nsource: s\ntolerance: 0.1\nrows:\n  - {name: r, gpu: l4, "
                "model: qwen3-0.6b, "
                "stack: vllm/bf16, batch: 1, prompt_tokens: 1, decode_tokens: 8, measured: {tok_s: 1}}\n");
  EXPECT_EQ(hopsim({"validate", suite, "--json"}).status, 1);
}

TEST(List, Says_what_is_shipped_with_provenance) {
  for (const char* what : {"gpus", "hosts", "models", "stacks", "chains", "experiments"}) {
    const test::Outcome outcome = hopsim({"list", what, "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_FALSE(io::Json::parse(outcome.out).empty());
  }
  const io::Json gpus = io::Json::parse(hopsim({"list", "gpus", "--json"}).out);
  EXPECT_EQ(gpus[0]["provenance"]["hbm_gb_s"]["kind"], "spec");
}

}  // namespace
}  // namespace hopsim
