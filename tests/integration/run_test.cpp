// SPDX-License-Identifier: Apache-2.0
// What the map says where independent measurements decided it (reference/LITERATURE.md section 4).
#include <gtest/gtest.h>

#include <sstream>

#include "integration/command.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using test::hopsim;

auto run_json(std::vector<std::string> arguments) -> io::Json {
  arguments.insert(arguments.begin(), "run");
  arguments.emplace_back("--json");
  const test::Outcome outcome = hopsim(arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  return io::Json::parse(outcome.out);
}

TEST(Run, Llm_int8_on_an_H100_is_host_bound_and_trapped) {
  const io::Json r = run_json({"--gpu", "h100-80-sxm", "--model", "llama-3.1-8b", "--stack", "bnb/llm-int8",
                               "--versus", "hf-eager/bf16", "--batch", "1"});
  EXPECT_TRUE(r["verdict"] == "full-trap" || r["verdict"] == "latency-trap") << r["verdict"];
  EXPECT_GT(r["host_bound_fraction"].get<double>(), 0.5);
  EXPECT_GT(r["cor"].get<double>(), 1);  // measured: 81.7 against 24.4 ms a step
}

TEST(Run, Marlin_on_an_H100_dissolves_the_trap) {
  const io::Json r = run_json(
      {"--gpu", "h100-80-sxm", "--model", "llama-3.1-8b", "--stack", "marlin/int4", "--versus", "vllm/bf16"});
  EXPECT_EQ(r["verdict"], "dissolved");
}

TEST(Run, Nf4_on_an_RTX_4090_wins_at_batch_1_and_loses_at_batch_8) {
  const std::vector<std::string> base = {"--gpu",        "rtx-4090",      "--model",
                                         "llama-3.1-8b", "--stack",       "bnb/nf4@0.45",
                                         "--versus",     "hf-eager/bf16", "--batch"};
  auto at = [&](const char* batch) {
    std::vector<std::string> arguments = base;
    arguments.emplace_back(batch);
    return run_json(arguments)["cor"].get<double>();
  };
  EXPECT_LT(at("1"), 0);
  EXPECT_GT(at("8"), 0);
}

TEST(Run, Draws_say_how_sure_the_verdict_is_and_come_again) {
  const std::vector<std::string> arguments = {"--gpu",   "h100-80-sxm",  "--model", "llama-3.1-8b",
                                              "--stack", "bnb/llm-int8", "--draws", "32"};
  const io::Json bands = run_json(arguments)["bands"];
  EXPECT_EQ(bands["draws"], 32);
  EXPECT_EQ(bands["slower_share"], 1.0);  // measured at 3.3 times the time
  for (const char* key : {"cor", "energy_ratio", "power_ratio", "latency_s", "energy_j"}) {
    EXPECT_LT(bands[key]["low"].get<double>(), bands[key]["high"].get<double>()) << key;
  }
  EXPECT_EQ(run_json(arguments)["bands"], bands);
}

TEST(Run, Draws_put_an_interval_beside_each_ratio_and_change_nothing_else) {
  const std::vector<std::string> plain = {"run",     "--gpu",   "rtx-4090", "--model", "llama-3.1-8b",
                                          "--stack", "bnb/nf4", "--batch",  "8"};
  std::vector<std::string> drawn = plain;
  drawn.insert(drawn.end(), {"--draws", "20"});
  const std::string without = hopsim(plain).out;
  const std::string with = hopsim(drawn).out;
  EXPECT_EQ(without.find("5 to 95 %"), std::string::npos);
  EXPECT_NE(with.find("Under 20 draws of the uncertain parameters\n  full-trap in"), std::string::npos)
      << with;
  EXPECT_EQ(without.substr(0, without.find("\n\n")), with.substr(0, with.find("\n\n")));
  std::istringstream lines(with);
  int intervals = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("x to ") != std::string::npos) {
      ++intervals;
      EXPECT_LE(line.size(), 100U) << line;
    }
  }
  EXPECT_EQ(intervals, 8);
}

TEST(Run, Has_every_key_that_programs_rely_on) {
  const io::Json r = run_json({"--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--batch", "2"});
  for (const char* key :
       {"latency_s", "tokens_per_s", "energy_j", "j_per_token", "j_per_correct", "cor", "cor_kernel", "si",
        "verdict", "classes", "host_bound_fraction", "kernels", "wall_s", "engine", "provenance"}) {
    EXPECT_TRUE(r.contains(key)) << key;
  }
  EXPECT_EQ(r["engine"], "folded");
  EXPECT_TRUE(r["provenance"]["kernel_families"].contains("dequant_4bit"));
}

TEST(Run, Both_engines_say_the_same_to_1e_9) {
  const test::TempDir dir;
  const std::string joining = dir.write(
      "vote.yaml",
      "hopsim: chain/1\nname: vote\ntitle: vote\naccuracy_16bit: {value: 1, kind: assumed, source: s}\n"
      "kind: assumed\nsource: s\n"
      "fan_in: {branches: 3, prompt_tokens: 30, next_prompt_tokens: 5, decode_tokens: 8, pause_s: 0.01}\n");
  for (const char* stack : {"bnb/llm-int8", "vllm/fp8"}) {
    std::vector<std::string> folded = {"--gpu",   "rtx-4090", "--model", "qwen3-0.6b", "--stack", stack,
                                       "--batch", "4",        "--chain", joining,      "--engine"};
    std::vector<std::string> simgrid = folded;
    folded.emplace_back("folded");
    simgrid.emplace_back("simgrid");
    const io::Json a = run_json(folded);
    const io::Json b = run_json(simgrid);
    EXPECT_EQ(b["engine"], "simgrid");
    EXPECT_GT(a["pause_s"].get<double>(), 0);
    for (const char* key : {"latency_s", "energy_j", "host_bound_fraction", "cor", "cor_kernel", "si"}) {
      EXPECT_NEAR(a[key].get<double>(), b[key].get<double>(), 1e-9 * std::abs(b[key].get<double>())) << key;
    }
    EXPECT_EQ(a["classes"], b["classes"]);
    EXPECT_EQ(a["kernels"], b["kernels"]);
  }
}

TEST(Run, What_does_not_fit_is_infeasible_with_the_fewest_gpus_that_would) {
  const io::Json r = run_json({"--gpu", "h100-80-sxm", "--model", "qwen2.5-72b", "--stack", "hf-eager/bf16"});
  EXPECT_EQ(r["verdict"], "infeasible");
  EXPECT_EQ(r["gpus_needed"], 2);
  EXPECT_TRUE(r["latency_s"].is_null());
}

TEST(Run, Runs_on_several_gpus_and_says_how_many) {
  const std::vector<std::string> point = {"--gpu",       "h100-80-sxm", "--model",
                                          "qwen2.5-72b", "--stack",     "marlin/int4"};
  const auto with = [&](const std::string& gpus) {
    std::vector<std::string> out = point;
    out.insert(out.end(), {"--gpus", gpus});
    return out;
  };
  const io::Json two = run_json(with("2"));
  EXPECT_EQ(two["gpus"], 2);
  EXPECT_EQ(two["anchor_gpus"], 2);
  EXPECT_TRUE(two["classes"].contains("collective"));
  EXPECT_TRUE(two["provenance"]["kernel_families"].contains("collective"));
  const io::Json fewest = run_json(with("min"));
  EXPECT_EQ(fewest["gpus"], 1);
  EXPECT_EQ(fewest["anchor_gpus"], 2);
  EXPECT_EQ(fewest["latency_s"], run_json(point)["latency_s"]);
  std::vector<std::string> text = with("2");
  text.insert(text.begin(), "run");
  EXPECT_NE(hopsim(text).out.find("2 x NVIDIA H100"), std::string::npos);
  const test::TempDir dir;
  const std::string file =
      dir.write("s.yaml", "hopsim: scenario/1\ngpu: l4\ngpus: min\nmodel: qwen2.5-72b\nstack: marlin/int4\n");
  EXPECT_EQ(run_json({file})["gpus"], 2);
  EXPECT_EQ(run_json({file})["anchor_gpus"], 8);
}

TEST(Run, Refuses_a_number_of_gpus_that_is_none) {
  const test::Outcome flag =
      hopsim({"run", "--gpu", "l4", "--gpus", "3", "--model", "qwen3-8b", "--stack", "vllm/bf16"});
  EXPECT_EQ(flag.status, 2);
  EXPECT_NE(flag.err.find("allowed: 1, 2, 4, 8"), std::string::npos);
  const test::TempDir dir;
  const test::Outcome file = hopsim({"run", dir.write("s.yaml", "hopsim: scenario/1\ngpu: l4\ngpus: [2]\n")});
  EXPECT_EQ(file.status, 2);
  EXPECT_NE(file.err.find("s.yaml:3:7"), std::string::npos) << file.err;
  const io::Json odd =
      run_json({"--gpu", "l4", "--gpus", "8", "--model", "qwen2.5-7b", "--stack", "vllm/bf16"});
  EXPECT_EQ(odd["verdict"], "infeasible");
  EXPECT_NE(odd["split_obstacle"].get<std::string>().find("28 attention heads"), std::string::npos);
}

TEST(Run, Stacks_without_kernels_on_a_gpu_are_infeasible_with_the_reason) {
  const io::Json r = run_json({"--gpu", "a100-80-sxm", "--model", "mistral-7b", "--stack", "vllm/fp8"});
  EXPECT_EQ(r["verdict"], "infeasible");
  EXPECT_EQ(r["missing_families"], "gemm_fp8");
}

TEST(Run, A_scenario_file_gives_what_the_flags_give_and_flags_override_it) {
  const test::TempDir dir;
  const std::string file =
      dir.write("s.yaml", "hopsim: scenario/1\ngpu: l4\nmodel: qwen3-0.6b\nstack: bnb/nf4\nbatch: 4\n");
  const io::Json a = run_json({file});
  const io::Json b = run_json({"--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--batch", "4"});
  EXPECT_EQ(a["latency_s"], b["latency_s"]);
  EXPECT_EQ(run_json({file, "--batch", "1"})["batch"], 1);
}

TEST(Run, Writes_its_result_into_a_file) {
  const test::TempDir dir;
  const test::Outcome outcome = hopsim(
      {"run", "--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--json", "-o", dir / "r.json"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(dir.files(), 1U);
}

TEST(Help, Is_there_for_every_command) {
  for (const char* command : {"run", "sweep", "report", "list"}) {
    const test::Outcome outcome = hopsim({command, "--help"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.out.find("--json"), std::string::npos);
  }
}

}  // namespace
}  // namespace hopsim
