// SPDX-License-Identifier: Apache-2.0
// hopsim explain as its users and their programs see it.
#include <gtest/gtest.h>

#include <cmath>

#include "integration/command.hpp"
#include "io/json.hpp"

namespace hopsim {
namespace {

using test::hopsim;

auto explain(std::vector<std::string> arguments) -> test::Outcome {
  arguments.insert(arguments.begin(), "explain");
  return hopsim(arguments);
}

const std::vector<std::string> kNf4 = {"--gpu",   "rtx-4090",     "--model", "llama-3.1-8b",
                                       "--stack", "bnb/nf4@0.45", "--batch", "8"};

auto with(std::vector<std::string> arguments, const std::string& more) -> std::vector<std::string> {
  arguments.push_back(more);
  return arguments;
}

void expect_sum(const io::Json& d, const char* total) {
  double sum = 0;
  for (const auto& [ignored, part] : d["causes"].items()) {
    sum += part.get<double>();
  }
  EXPECT_NEAR(sum, d[total].get<double>(), 1e-9 * std::abs(d[total].get<double>()));
}

TEST(Explain, Json_has_every_key_and_agrees_with_run) {
  const test::Outcome outcome = explain(with(kNf4, "--json"));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const io::Json r = io::Json::parse(outcome.out);
  expect_sum(r["latency"], "total_s");
  expect_sum(r["energy"], "total_j");
  expect_sum(r["j_per_correct"], "total_j");
  EXPECT_EQ(r["latency"]["causes"].size(), 7U);
  EXPECT_TRUE(r["energy"]["causes"].contains("gaps"));
  EXPECT_TRUE(r["j_per_correct"]["causes"].contains("accuracy"));
  EXPECT_TRUE(r["provenance"]["kernel_families"].contains("dequant_4bit"));
  std::vector<std::string> run = with(kNf4, "--json");
  run.insert(run.begin(), "run");
  const io::Json same = io::Json::parse(hopsim(run).out);
  EXPECT_EQ(r["latency"]["q_s"], same["latency_s"]);
  EXPECT_EQ(r["latency"]["anchor_s"], same["anchor"]["latency_s"]);
  EXPECT_EQ(r["energy"]["q_j"], same["energy_j"]);
  EXPECT_EQ(r["j_per_correct"]["anchor_j"], same["anchor"]["j_per_correct"]);
}

TEST(Explain, Text_is_a_waterfall_of_at_most_100_columns_without_colours_in_a_pipe) {
  std::vector<std::string> command = {HOPSIM_COMMAND, "explain"};
  command.insert(command.end(), kNf4.begin(), kNf4.end());
  const test::Outcome outcome = test::run_program(command, {{"LC_ALL", "C.UTF-8"}});  // blocks, not ASCII
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("dequant_traffic"), std::string::npos);
  EXPECT_NE(outcome.out.find("█"), std::string::npos);
  EXPECT_EQ(outcome.out.find('\033'), std::string::npos);
  const std::size_t from = outcome.out.find("Time of the chain");
  const std::size_t to = outcome.out.find("What changed the gaps");
  ASSERT_LT(from, to);
  int columns = 0;
  for (const char c : outcome.out.substr(from, to - from)) {
    const bool continued = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // of a UTF-8 sequence
    columns = c == '\n' ? 0 : columns + (continued ? 0 : 1);
    EXPECT_LE(columns, 100);
  }
}

TEST(Explain, Quiet_is_one_line_that_names_the_largest_causes) {
  const test::Outcome outcome = explain(with(kNf4, "--quiet"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.out.find("largest causes: time dequant_traffic +"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find('\n'), outcome.out.size() - 1);
}

TEST(Explain, The_anchor_itself_is_refused) {
  for (const char* stack : {"hf-eager/bf16", "vllm/bf16"}) {
    const test::Outcome outcome = explain({"--gpu", "l4", "--model", "qwen3-0.6b", "--stack", stack});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("is the 16-bit anchor itself"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(Explain, What_does_not_fit_is_said_as_run_says_it) {
  const std::vector<std::string> point = {"--gpu", "l4", "--model", "qwen2.5-72b", "--stack", "bnb/nf4"};
  const test::Outcome outcome = explain(point);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.out.find("does not fit: needs"), std::string::npos);
  const io::Json r = io::Json::parse(explain(with(point, "--json")).out);
  EXPECT_EQ(r["verdict"], "infeasible");
  EXPECT_TRUE(r["latency"].is_null());
}

TEST(Explain, Bad_arguments_are_refused_as_by_run) {
  const test::Outcome outcome = explain(with(kNf4, "--batch=0"));
  EXPECT_EQ(outcome.status, 2);
  const test::Outcome misspelt =
      explain({"--gpu", "rtx-4090", "--model", "llama-3.1-8b", "--stack", "bnb/nf5"});
  EXPECT_EQ(misspelt.status, 2);
  EXPECT_NE(misspelt.err.find("bnb/nf4"), std::string::npos) << misspelt.err;
  EXPECT_EQ(misspelt.out, "");
}

}  // namespace
}  // namespace hopsim
