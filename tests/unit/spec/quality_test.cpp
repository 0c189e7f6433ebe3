// SPDX-License-Identifier: Apache-2.0
#include "spec/quality.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "spec/catalog.hpp"
#include "spec/precision_law.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::spec {
namespace {

auto row(double params_b, double value, const char* benchmark = "GSM8K", double steps = 0) -> QualityRow {
  QualityRow out;
  out.params = params_b * 1e9;
  out.value = value;
  out.benchmark = benchmark;
  out.steps = steps;
  out.source = {Provenance::kMeasured, "s"};
  return out;
}

auto chain(const char* benchmark, bool compounds = false, int hops = 1) -> ChainSpec {
  ChainSpec out = line_chain(hops, 10, 0, 5, 0);
  out.benchmark = benchmark;
  out.accuracy_compounds = compounds;
  return out;
}

TEST(Quality, Is_linear_in_logarithms_between_measured_sizes) {
  StackQuality q;
  q.table.accuracy = {row(1, 0.81), row(16, 0.9)};
  const QualityValue middle = accuracy_ratio(q, 4e9, chain("GSM8K"));  // halfway from 1 to 16
  EXPECT_NEAR(*middle.value, std::sqrt(0.81 * 0.9), 1e-12);
  EXPECT_FALSE(middle.extrapolated);
  EXPECT_FALSE(middle.other_benchmark);
  EXPECT_EQ(source_of(q, middle).kind, Provenance::kMeasured);
  EXPECT_NEAR(*accuracy_ratio(q, 1e9, chain("GSM8K")).value, 0.81, 1e-12);
}

TEST(Quality, Outside_takes_the_nearest_size_and_says_that_it_is_extrapolated) {
  StackQuality q;
  q.table.accuracy = {row(2, 0.8), row(7, 0.9)};
  const QualityValue above = accuracy_ratio(q, 70e9, chain("GSM8K"));
  EXPECT_NEAR(*above.value, 0.9, 1e-12);
  EXPECT_TRUE(above.extrapolated);
  EXPECT_EQ(source_of(q, above).kind, Provenance::kBorrowed);
  EXPECT_NE(source_of(q, above).citation.find("extrapolated in model size"), std::string::npos);
  EXPECT_NEAR(*accuracy_ratio(q, 0.6e9, chain("GSM8K")).value, 0.8, 1e-12);
  EXPECT_FALSE(accuracy_ratio(q, 7.6e9, chain("GSM8K")).extrapolated);  // a nominal 7B
}

TEST(Quality, Methods_of_one_size_count_alike) {
  StackQuality q;
  q.table.token_inflation = {row(7, 1.29), row(7, 1.731)};
  EXPECT_NEAR(*token_inflation(q, 7e9, chain("GSM8K")).value, std::sqrt(1.29 * 1.731), 1e-12);
}

TEST(Quality, Rows_of_the_chains_benchmark_come_first_others_are_borrowed) {
  StackQuality q;
  q.table.accuracy = {row(7, 0.9, "GSM8K"), row(7, 0.5, "AIME")};
  EXPECT_NEAR(*accuracy_ratio(q, 7e9, chain("GSM8K")).value, 0.9, 1e-12);
  const QualityValue other = accuracy_ratio(q, 7e9, chain("MuSiQue"));
  EXPECT_NEAR(*other.value, std::sqrt(0.45), 1e-12);
  EXPECT_TRUE(other.other_benchmark);
  EXPECT_EQ(source_of(q, other).kind, Provenance::kBorrowed);
}

TEST(Quality, A_mean_over_benchmarks_stands_for_one_that_nobody_measured) {
  StackQuality q;
  q.table.token_inflation = {row(7, 1.1, "AIME"), row(7, 1, "mean of five benchmarks")};
  EXPECT_EQ(*token_inflation(q, 7e9, chain("GSM8K")).value, 1);
  EXPECT_EQ(*token_inflation(q, 7e9, chain("AIME")).value, 1.1);
}

TEST(Quality, Accuracy_compounds_over_hops_where_rows_say_how_many_steps_they_took) {
  StackQuality q;
  q.table.accuracy = {row(7, 0.9, "GSM8K", 2)};
  EXPECT_NEAR(*accuracy_ratio(q, 7e9, chain("GSM8K", true, 6)).value, 0.9 * 0.9 * 0.9, 1e-12);
  EXPECT_NEAR(*accuracy_ratio(q, 7e9, chain("GSM8K", false, 6)).value, 0.9, 1e-12);
  q.table.accuracy = {row(7, 0.9, "GSM8K")};
  EXPECT_NEAR(*accuracy_ratio(q, 7e9, chain("GSM8K", true, 6)).value, 0.9, 1e-12);
}

TEST(Quality, Without_rows_nothing_is_known_and_that_is_said) {
  const StackQuality q;
  const QualityValue none = accuracy_ratio(q, 7e9, chain("GSM8K"));
  EXPECT_FALSE(none.value);
  EXPECT_FALSE(token_inflation(q, 7e9, chain("GSM8K")).value);
  EXPECT_EQ(source_of(q, none).kind, Provenance::kAssumed);
}

TEST(Quality, What_a_stack_states_wins_over_its_table) {
  StackQuality q;
  q.table.token_inflation = {row(7, 1.3)};
  q.token_inflation = 2;
  EXPECT_EQ(*token_inflation(q, 7e9, chain("GSM8K")).value, 2);
}

TEST(Quality_file, Reads_rows_with_their_caps) {
  const test::TempDir dir;
  const QualityTable t = load_quality(dir.write("q.yaml",
                                                "hopsim: quality/1\nname: q\ntitle: t\naccuracy:\n"
                                                "  - {params_b: 7, model: m, method: AWQ, benchmark: GSM8K, "
                                                "ratio: 0.9, steps: 3, kind: measured, source: s}\n"
                                                "token_inflation:\n"
                                                "  - {params_b: 7, model: m, method: AWQ, benchmark: GSM8K, "
                                                "ratio: 1.2, output_cap_tokens: 32768, kind: "
                                                "measured, source: s}\n"
                                                "  - {params_b: 7, model: m, method: AWQ, benchmark: AIME, "
                                                "ratio: 1.1, output_cap_tokens: unknown, kind: "
                                                "measured, source: s}\n"));
  ASSERT_EQ(t.token_inflation.size(), 2U);
  EXPECT_EQ(t.token_inflation[0].output_cap_tokens, 32768);
  EXPECT_EQ(t.token_inflation[1].output_cap_tokens, 0);
  EXPECT_EQ(t.accuracy[0].steps, 3);
}

TEST(Quality_file, Refuses_a_CTIR_without_its_cap_a_row_without_a_source_and_misspelt_keys) {
  const test::TempDir dir;
  const auto error = [&](const std::string& accuracy, const std::string& inflation) {
    const std::string path = dir.write("q.yaml", "hopsim: quality/1\nname: q\ntitle: t\naccuracy: [" +
                                                     accuracy + "]\ntoken_inflation: [" + inflation + "]\n");
    return test::input_error([&] { static_cast<void>(load_quality(path)); });
  };
  const std::string base = "params_b: 7, model: m, method: AWQ, benchmark: GSM8K";
  EXPECT_NE(error("", "{" + base + ", ratio: 1.2, kind: measured, source: s}").find("q.yaml:5:"),
            std::string::npos);
  EXPECT_NE(error("", "{" + base + ", ratio: 1.2, kind: measured, source: s}").find("output_cap_tokens"),
            std::string::npos);
  EXPECT_NE(error("{" + base + ", ratio: 0.9, kind: measured}", "").find("source"), std::string::npos);
  EXPECT_NE(error("{" + base + ", ratio: 0.9, step: 2, kind: measured, source: s}", "")
                .find("did you mean 'steps'?"),
            std::string::npos);
  EXPECT_NE(error("{" + base + ", ratio: 0, kind: measured, source: s}", "").find("out of range"),
            std::string::npos);
  EXPECT_EQ(error("", ""), "");
}

TEST(Quality_of_stacks, Every_shipped_stack_has_a_table_values_or_says_that_it_is_unknown) {
  Catalog catalog{Library(HOPSIM_SOURCE_DIR)};
  for (const std::string& name : catalog.library().stacks()) {
    const StackQuality& q = catalog.stack(name).quality;
    EXPECT_TRUE(!q.table.path.empty() || !q.source.citation.empty()) << name;
    if (name.find("hypothetical/") == std::string::npos) {
      EXPECT_TRUE(q.table.path.empty() || !q.accuracy_ratio) << name << " hides its table";
    }
    if (!q.table.path.empty()) {
      EXPECT_TRUE(catalog.files().contains(q.table.path)) << name;
    }
  }
  EXPECT_FALSE(accuracy_ratio(catalog.stack("llamacpp/q4_0").quality, 8e9, chain("GSM8K")).value);
}

TEST(Quality_of_stacks, A_sweep_may_set_an_inflation_that_the_file_takes_from_a_table) {
  Catalog catalog{Library(HOPSIM_SOURCE_DIR)};
  const StackSpec& stack =
      catalog.stack("marlin/int4", {{{"quality", "token_inflation"}, false, 1.5, {"x.yaml", 3, 4}}});
  EXPECT_EQ(*token_inflation(stack.quality, 8e9, chain("GSM8K")).value, 1.5);
  EXPECT_NE(test::input_error([&] {
              static_cast<void>(catalog.stack(
                  "marlin/int4", {{{"quality", "token_inflatoin"}, false, 1.5, {"x.yaml", 3, 4}}}));
            }).find("x.yaml:3:4"),
            std::string::npos);
}

TEST(Quality_of_stacks, Unknown_holds_against_an_inherited_table) {
  const test::TempDir dir;
  const std::string base = std::filesystem::relative(
      std::string(HOPSIM_SOURCE_DIR) + "/experiments/stacks/bnb/nf4.yaml", dir.path());
  const StackSpec stack = load_stack(dir.write(
      "s.yaml", "hopsim: stack/1\nextends: " + base +
                    "\nname: s\nquality: {accuracy_ratio: unknown, token_inflation: 1, kind: assumed, "
                    "source: a test}\n"));
  EXPECT_FALSE(accuracy_ratio(stack.quality, 8e9, chain("GSM8K")).value);
}

TEST(Precision_law, Is_set_to_the_measured_loss_and_grows_with_training_tokens) {
  const PrecisionLaw law = load_precision_law(Library(HOPSIM_SOURCE_DIR).precision_law_path());
  EXPECT_NEAR(law.loss_nats(7.24e9, 8e12, 4), 0.024, 1e-12);
  EXPECT_NEAR(law.loss_nats(7.24e9, 32e12, 4), 0.024 * std::pow(4, 0.5068), 1e-12);
  EXPECT_LT(law.loss_nats(72e9, 8e12, 4), 0.024);
  EXPECT_GT(law.loss_nats(7.24e9, 8e12, 3), 0.024);
  EXPECT_NEAR(law.loss_factor(18e12), 1, 1e-12);
  EXPECT_GT(law.loss_factor(36e12), 1);
}

}  // namespace
}  // namespace hopsim::spec
