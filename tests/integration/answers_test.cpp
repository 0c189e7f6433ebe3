// SPDX-License-Identifier: Apache-2.0
// What `hopsim run` says about right answers, token inflation and chains with a spread.
#include <gtest/gtest.h>

#include <algorithm>

#include "integration/command.hpp"
#include "io/json.hpp"

namespace hopsim {
namespace {

using test::hopsim;

auto run(std::vector<std::string> arguments) -> test::Outcome {
  arguments.insert(arguments.begin(), {"run", "--gpu", "l4", "--model", "qwen3-0.6b"});
  return hopsim(arguments);
}

auto run_json(std::vector<std::string> arguments) -> io::Json {
  arguments.emplace_back("--json");
  const test::Outcome outcome = run(std::move(arguments));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return io::Json::parse(outcome.out);
}

TEST(Answers, What_nobody_measured_is_unknown_and_gives_nothing_per_right_answer) {
  const io::Json r = run_json({"--stack", "llamacpp/q4_0"});
  for (const char* key :
       {"accuracy", "accuracy_ratio", "j_per_correct", "s_per_correct", "j_per_correct_ratio", "si"}) {
    EXPECT_TRUE(r[key].is_null()) << key;
  }
  EXPECT_EQ(r["token_inflation"], 1);
  EXPECT_FALSE(r["anchor"]["j_per_correct"].is_null());
  const test::Outcome text = run({"--stack", "llamacpp/q4_0"});
  EXPECT_NE(text.out.find("accuracy unknown"), std::string::npos);
  EXPECT_EQ(text.out.find("energy per right answer"), std::string::npos);
}

TEST(Answers, A_ratio_is_stated_with_its_source_and_an_inflation_with_its_output_cap) {
  const io::Json r = run_json({"--stack", "torchao/int4-wo"});
  EXPECT_NEAR(r["token_inflation"].get<double>(), 1.494,
              1e-3);  // of a 7B on GSM8K, the nearest: 1.29 and 1.731
  EXPECT_EQ(r["output_cap_tokens"], io::Json::array({32768}));
  EXPECT_EQ(r["provenance"]["token_inflation"]["kind"], "borrowed");
  EXPECT_NE(r["provenance"]["token_inflation"]["source"].get<std::string>().find("extrapolated"),
            std::string::npos);
  const double accuracy = r["accuracy"].get<double>();
  EXPECT_NEAR(r["j_per_correct"].get<double>() * accuracy, r["energy_j"].get<double>(), 1e-6);
  EXPECT_NEAR(r["s_per_correct"].get<double>() * accuracy, r["latency_s"].get<double>(), 1e-6);
}

TEST(Answers, Draws_are_the_same_for_any_number_of_workers) {
  std::vector<std::string> arguments = {"--stack", "marlin/int4", "--chain", "gsm8k-instruct", "--seed",
                                        "5",       "--samples",   "64",      "--jobs"};
  auto with_jobs = [&](const char* jobs) {
    std::vector<std::string> all = arguments;
    all.emplace_back(jobs);
    return run_json(all)["monte_carlo"];
  };
  const io::Json one = with_jobs("1");
  EXPECT_EQ(one, with_jobs("3"));
  EXPECT_EQ(one["samples"], 64);
  for (const char* key : {"latency_s", "energy_j", "tokens", "j_per_correct"}) {
    const io::Json& spread = one["q"][key];
    EXPECT_LT(spread["p5"], spread["mean"]) << key;
    EXPECT_LT(spread["mean"], spread["p95"]) << key;
  }
}

TEST(Answers, No_draw_is_longer_than_the_output_cap_and_the_text_keeps_its_columns) {
  const std::vector<std::string> arguments = {"--stack",         "torchao/int4-wo", "--chain",
                                              "gsm8k-reasoning", "--samples",       "200"};
  const io::Json drawn = run_json(arguments)["monte_carlo"];
  EXPECT_EQ(drawn["q"]["tokens"]["p95"], 32768);
  EXPECT_LE(drawn["anchor"]["tokens"]["p95"], 32768);
  const std::string text = run(arguments).out;
  EXPECT_NE(text.find("(CTIR, at an output cap of 32768 tokens)"), std::string::npos);
  EXPECT_NE(text.find("energy per right answer"), std::string::npos);
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    const std::string line = text.substr(from, to - from);
    EXPECT_LE(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }), 100)
        << line;
    from = to + 1;
  }
}

TEST(Answers, A_chain_of_fixed_lengths_has_nothing_to_draw) {
  EXPECT_TRUE(run_json({"--stack", "marlin/int4"})["monte_carlo"].is_null());
  const test::Outcome outcome = run({"--stack", "marlin/int4", "--samples", "10"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("nothing to draw"), std::string::npos);
}

TEST(Answers, A_longer_training_loses_more_and_is_marked_as_extrapolated) {
  const double usual = run_json({"--stack", "marlin/int4"})["accuracy_ratio"];
  const io::Json longer = run_json({"--stack", "marlin/int4", "--training-tokens", "72e12"});
  EXPECT_LT(longer["accuracy_ratio"].get<double>(), usual);
  EXPECT_EQ(longer["precision_law"]["extrapolated"], true);
  EXPECT_NE(run({"--stack", "marlin/int4", "--training-tokens", "72e12"}).out.find("EXTRAPOLATED"),
            std::string::npos);
  EXPECT_EQ(run({"--stack", "marlin/int4", "--training-tokens", "many"}).status, 2);
}

TEST(Answers, A_lost_cache_costs_time_and_energy) {
  const io::Json kept = run_json({"--stack", "marlin/int4", "--chain", "agent-swe", "--samples", "2"});
  const io::Json lost =
      run_json({"--stack", "marlin/int4", "--chain", "agent-swe-reprefill", "--samples", "2"});
  EXPECT_GT(lost["latency_s"].get<double>(), kept["latency_s"].get<double>());
  EXPECT_GT(lost["energy_j"].get<double>(), kept["energy_j"].get<double>());
  EXPECT_NEAR(kept["pause_s"].get<double>(), 19 * 3.2,
              1e-9);  // the pause after the last call is nobody's wait
}

}  // namespace
}  // namespace hopsim
