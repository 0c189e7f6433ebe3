// SPDX-License-Identifier: Apache-2.0
#include "metrics/validation.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::metrics {
namespace {

auto suite_of(const std::string& row) -> spec::ValidationSuite {
  const test::TempDir dir;
  return spec::load_validation(dir.write(
      "v.yaml", "hopsim: validation/1\nname: v\nsource: s\ntolerance: 0.1\nrows:\n  - {" + row + "}\n"));
}

auto validate_row(const std::string& row) -> std::vector<ValidationResult> {
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  return validate(suite_of(row), catalog);
}

const std::string kRow =
    "name: r, gpu: h100-80-sxm, model: llama-3.1-8b, stack: hf-eager/bf16, batch: 1, prompt_tokens: 16, "
    "decode_tokens: 32, ";

TEST(Validate, An_anchor_gives_back_the_host_that_made_it) {
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  const double step = *validate_row(kRow + "host: desktop-4090, measured: {ms_per_step: 10}")[0].predicted;
  const auto anchored = validate_row(
      kRow + "host: {anchor: {stack: hf-eager/bf16, batch: 1, ms_per_step: " + std::to_string(step) +
      "}}, measured: {ms_per_step: " + std::to_string(step) + "}");
  EXPECT_NEAR(anchored[0].host_speed, catalog.host("desktop-4090").speed, 0.01);
  EXPECT_NEAR(*anchored[0].error, 0, 1e-3);
}

TEST(Validate, An_anchor_that_is_gpu_bound_says_nothing) {
  const auto r = validate_row(
      "name: r, gpu: l4, model: llama-3.1-8b, stack: bnb/nf4, batch: 1, prompt_tokens: 16, decode_tokens: "
      "32, "
      "host: {anchor: {stack: vllm/bf16, batch: 1, ms_per_step: 70}}, measured: {ms_per_step: 30}");
  EXPECT_NE(r[0].note.find("GPU-bound"), std::string::npos);
  EXPECT_EQ(r[0].host_speed, 1);
}

TEST(Validate, A_slow_anchor_is_clamped_at_a_fifth_of_the_reference) {
  const auto r = validate_row(
      kRow +
      "host: {anchor: {stack: hf-eager/bf16, batch: 1, ms_per_step: 9000}}, measured: {ms_per_step: 9000}");
  EXPECT_DOUBLE_EQ(r[0].host_speed, 0.2);
}

TEST(Validate, What_does_not_run_has_no_prediction) {
  const auto r = validate_row(
      "name: r, gpu: l4, model: qwen2.5-72b, stack: vllm/bf16, batch: 1, prompt_tokens: 16, decode_tokens: "
      "32, "
      "measured: {tok_s: 10}");
  EXPECT_FALSE(r[0].predicted.has_value());
  EXPECT_EQ(summarise(r).n, 0U);
}

TEST(Validate, Step_time_times_steps_is_the_decode_part_of_the_chain) {
  const auto r = validate_row(kRow + "measured: {ms_per_step: 10, tok_s: 10}");
  // 32 tokens: one prefill and 31 decode steps; the prefill of 16 tokens takes about as long as a step here.
  EXPECT_NEAR(*r[0].predicted, 1e3 / *r[1].predicted, 0.05 * *r[0].predicted);
}

TEST(Validate, A_row_decodes_what_it_says_also_where_a_precision_lengthens_answers) {
  const auto r = validate_row(
      "name: r, gpu: l4, model: llama-3.1-8b, stack: torchao/int4-wo, batch: 1, prompt_tokens: 16, "
      "decode_tokens: 32, measured: {ms_per_step: 10, tok_s: 10}");
  EXPECT_NEAR(*r[0].predicted, 1e3 / *r[1].predicted, 0.05 * *r[0].predicted);
}

TEST(Validate, Points_at_the_row_of_an_unknown_name) {
  const std::string e = test::input_error([] {
    static_cast<void>(
        validate_row("name: r, gpu: l5, model: llama-3.1-8b, stack: bnb/nf4, batch: 1, prompt_tokens: 1, "
                     "decode_tokens: 2, measured: {tok_s: 1}"));
  });
  EXPECT_NE(e.find("v.yaml:6:5: unknown GPU 'l5'"), std::string::npos) << e;
}

TEST(Load_validation, Refuses_a_row_that_measures_nothing_and_an_unknown_metric) {
  EXPECT_NE(
      test::input_error([] { static_cast<void>(suite_of(kRow + "measured: {}")); }).find("measures nothing"),
      std::string::npos);
  EXPECT_NE(test::input_error([] {
              static_cast<void>(suite_of(kRow + "measured: {toks_s: 1}"));
            }).find("did you mean 'tok_s'"),
            std::string::npos);
}

TEST(Sign_agreement, Counts_only_clear_differences) {
  const auto result = [](spec::Metric metric, double measured, double predicted) {
    ValidationResult r;
    r.metric = metric;
    r.measured = measured;
    r.predicted = predicted;
    return r;
  };
  const std::vector<ValidationResult> results = {
      result(spec::Metric::kCor, 0.5, 0.1),          result(spec::Metric::kCor, 0.05, -0.1),
      result(spec::Metric::kEnergyRatio, 0.8, 1.1),  result(spec::Metric::kEnergyRatio, 1.05, 0.9),
      result(spec::Metric::kEnergyRatio, 1.5, 1.01), result(spec::Metric::kMsPerStep, 10, 5)};
  EXPECT_DOUBLE_EQ(*sign_agreement(results), 2.0 / 3);
}

TEST(Summarise, Is_the_median_and_the_90th_percentile_of_absolute_errors) {
  std::vector<ValidationResult> results(5);
  for (int i = 0; i < 5; ++i) {
    results[static_cast<std::size_t>(i)].error = (i % 2 == 0 ? 1 : -1) * 0.1 * i;
  }
  EXPECT_DOUBLE_EQ(*summarise(results).median_ape, 0.2);
  EXPECT_NEAR(*summarise(results).p90_ape, 0.36, 1e-12);
}

}  // namespace
}  // namespace hopsim::metrics
