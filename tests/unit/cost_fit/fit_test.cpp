// SPDX-License-Identifier: Apache-2.0
// Synthetic measurements of a made-up GPU: 1,000 GB/s, 100 TFLOPS in bf16, 100 SMs, 40 MB of L2.
#include <gtest/gtest.h>

#include <cmath>

#include "cost/correction.hpp"
#include "cost/fit/family_fit.hpp"
#include "cost/fit/kriging.hpp"
#include "cost/fit/least_squares.hpp"
#include "cost/fit/predict.hpp"
#include "cost/fit/profile_text.hpp"
#include "cost/fit/transfer.hpp"
#include "cost/forms/forms.hpp"
#include "cost/kernel_cost.hpp"

namespace hopsim::cost::fit {
namespace {

auto gpu() -> spec::GpuSpec {
  spec::GpuSpec out;
  out.name = "made-up";
  out.architecture = "a";
  out.hbm_gb_s = 1000;
  out.peak_tflops["bf16"] = 100;
  out.sms = 100;
  out.boost_mhz = 1500;
  out.l2_mb = 40;
  return out;
}

// FamilyData points into them, so they live as long as the tests.
auto rules() -> const spec::FamilyRules& {
  static const spec::FamilyRules kRules = [] {
    spec::FamilyRule gemm;
    gemm.name = "gemm_bf16";
    gemm.form = "gemm";
    gemm.tensor_peak = "bf16";
    gemm.match.frameworks = {"vllm"};
    gemm.match.dtypes = {"bfloat16"};
    gemm.weight_copies = 5;
    return spec::FamilyRules{{gemm}};
  }();
  return kRules;
}

// t0 4 us, 80 % of the bandwidth, 60 % of the peak, no padding.
auto truth() -> spec::KernelFamily {
  spec::KernelFamily out;
  out.form = "gemm";
  out.tensor_peak = "bf16";
  out.format = spec::LinearFormat{};
  out.parameters = {{"t0_us", {4, {}}},       {"bw_efficiency", {0.8, {}}},
                    {"bw_half_kib", {0, {}}}, {"flop_efficiency", {0.6, {}}},
                    {"m_pad", {0, {}}},       {"flop_half_mflop", {0, {}}},
                    {"warm_speedup", {1, {}}}};
  return out;
}

// Rows over m, n, k; `factor` changes the time of a row.
template <class Factor>
auto table(Factor factor, double step_us = 0) -> KernelTable {
  const spec::KernelFamily family = truth();
  const spec::GpuSpec machine = gpu();
  const KernelTimer timer(family, machine);
  KernelTable out;
  out.csv = io::parse_csv("framework,version,kernel,dtype,m,n,k,latency_us\n", "k.csv");
  for (const double m : {1.0, 16.0, 64.0, 256.0, 1024.0}) {
    for (const double n : {1024.0, 2048.0, 4096.0, 8192.0}) {
      for (const double k : {1024.0, 4096.0, 8192.0}) {
        KernelRow row;
        row.label = {"vllm", "1", "x", "bfloat16"};
        row.m = m;
        row.n = n;
        row.k = k;
        double us = 1e6 * timer.seconds(linear_work(*family.format, m, n, k)) * factor(row);
        us = step_us > 0 ? std::max(step_us, step_us * std::round(us / step_us)) : us;
        row.seconds = us * 1e-6;
        out.rows.push_back(row);
      }
    }
  }
  return out;
}

auto exact(const KernelRow&) -> double { return 1; }

TEST(Fit_form, Finds_the_parameters_that_made_the_data) {
  const auto data = family_data({table(exact)}, rules(), gpu());
  ASSERT_EQ(data.size(), 1U);
  std::vector<const Sample*> rows;
  for (const Sample& s : data[0].samples) {
    rows.push_back(&s);
  }
  const FormFit fit = fit_form("gemm", machine_of(gpu(), "bf16"), rows);
  EXPECT_NEAR(fit.parameters[0], 4, 0.05);
  EXPECT_NEAR(fit.parameters[1], 0.8, 0.01);
  EXPECT_NEAR(fit.parameters[3], 0.6, 0.01);
}

TEST(Fit_form, A_few_wild_rows_hardly_move_it) {
  const auto data = family_data(
      {table([](const KernelRow& r) { return r.m == 16 && r.n == 4096 ? 5.0 : 1.0; })}, rules(), gpu());
  std::vector<const Sample*> rows;
  for (const Sample& s : data[0].samples) {
    rows.push_back(&s);
  }
  const FormFit fit = fit_form("gemm", machine_of(gpu(), "bf16"), rows);
  EXPECT_NEAR(fit.parameters[1], 0.8, 0.04);
  EXPECT_NEAR(fit.parameters[3], 0.6, 0.03);
}

TEST(Family_fit, Predicts_shapes_it_has_not_seen_and_gives_the_same_bytes_each_time) {
  const auto data = family_data(
      {table([](const KernelRow& r) { return 1 + 0.05 * std::sin(std::log2(r.n) + std::log2(r.m)); })},
      rules(), gpu());
  std::string why;
  const auto run = [&] { return fit_family(data[0], gpu(), why, [] {}); };
  const auto first = run();
  ASSERT_TRUE(first) << why;
  EXPECT_EQ(first->all.n, 60U);
  EXPECT_LT(first->all.median_ape, 0.03);
  EXPECT_GE(first->all.coverage, 0.8);
  const ProfileText head{"x", "base.yaml", "a test"};
  EXPECT_EQ(profile_text(head, {{"gemm_bf16", first->family}}, true),
            profile_text(head, {{"gemm_bf16", run()->family}}, true));
}

TEST(Family_fit, Refuses_too_few_shapes_and_says_so) {
  KernelTable few = table(exact);
  std::erase_if(few.rows, [](const KernelRow& r) { return r.n != 1024; });
  const auto data = family_data({few}, rules(), gpu());
  std::string why;
  EXPECT_FALSE(fit_family(data[0], gpu(), why, [] {}));
  EXPECT_NE(why.find("too few points: 15 rows of 3 shapes"), std::string::npos) << why;
}

TEST(Family_data, Leaves_out_what_is_faster_than_the_memory) {
  const auto data = family_data(
      {table([](const KernelRow& r) { return r.m == 1 && r.n == 8192 && r.k == 8192 ? 0.1 : 1.0; })}, rules(),
      gpu());
  EXPECT_EQ(data[0].above_peak, 1U);
  EXPECT_EQ(data[0].samples.size(), 59U);
}

TEST(Family_data, Finds_weights_that_stayed_in_l2_without_a_flag) {
  // Weights under 40 MB at four times the speed.
  const auto data = family_data({table([](const KernelRow& r) { return 2 * r.n * r.k < 40e6 ? 0.1 : 1.0; })},
                                rules(), gpu());
  EXPECT_EQ(data[0].above_peak, 0U);
  EXPECT_GT(data[0].found_warm, 0U);
}

TEST(Family_data, Merges_repeated_sizes) {
  const auto data = family_data({table(exact), table([](const KernelRow&) { return 1.2; })}, rules(), gpu());
  EXPECT_EQ(data[0].repeated, 60U);
  EXPECT_EQ(data[0].samples.size(), 60U);
}

TEST(Family_data, Weighs_rows_by_the_step_of_a_coarse_clock) {
  EXPECT_DOUBLE_EQ(clock_step_us({1.024, 2.048, 7.168, 10.24, 31.744}), 1.024);
  EXPECT_DOUBLE_EQ(clock_step_us({1.031, 2.477, 7.163, 10.281, 31.719}), 0);
  const auto data = family_data({table(exact, 1.024)}, rules(), gpu());
  EXPECT_NEAR(data[0].clock_step_s, 1.024e-6, 1e-12);
  for (const Sample& s : data[0].samples) {
    EXPECT_DOUBLE_EQ(s.weight, s.seconds / (s.seconds + data[0].clock_step_s));
  }
}

TEST(Family_data, Leaves_out_number_formats_that_no_family_has_and_says_how_many) {
  KernelTable odd = table(exact);
  odd.rows[0].label.dtype = odd.rows[7].label.dtype = "bfloat61";
  odd.rows[3].label.dtype = "float32";
  odd.rows[4].label.dtype = "float64";
  odd.rows[4].seconds.reset();  // asks for a prediction, which is no business of a fit
  odd.rows[0].at = {"k.csv", 2, 1};
  const auto data = family_data({odd}, rules(), gpu());
  ASSERT_EQ(data.size(), 1U);
  EXPECT_EQ(data[0].samples.size(), 56U);
  const auto left_out = unknown_formats({odd}, rules());
  ASSERT_EQ(left_out.size(), 2U);
  EXPECT_EQ(left_out.at("bfloat61").rows, 2U);
  EXPECT_EQ(left_out.at("float32").rows, 1U);
  const std::string& why = left_out.at("bfloat61").why;
  EXPECT_NE(why.find("k.csv:2"), std::string::npos) << why;
  EXPECT_NE(why.find("did you mean 'bfloat16'?"), std::string::npos) << why;
}

auto cold(double, double) -> double { return 0; }

// Times that the form gives but for a ripple that is the same for all m, and rows that took three times as
// long.
TEST(Kriging, Finds_what_the_form_leaves_over_and_does_not_heed_outliers) {
  const auto ripple = [](const KernelRow& r) {
    return std::exp(0.1 * std::sin(std::log2(r.n)) - 0.05 * std::log2(r.k / 4096));
  };
  const auto wild = [](const KernelRow& r) { return r.m == 16 && r.n == 2048 && r.k == 4096; };
  const auto data =
      family_data({table([&](const KernelRow& r) { return wild(r) ? 3.0 : ripple(r); })}, rules(), gpu());
  std::vector<const Sample*> rows;
  std::vector<double> residuals;
  const spec::KernelFamily family = truth();
  const spec::GpuSpec machine = gpu();
  const KernelTimer timer(family, machine);
  for (const Sample& s : data[0].samples) {
    rows.push_back(&s);
    residuals.push_back(std::log(s.seconds / timer.seconds(s.work)));
  }
  const Kriged kriged = kriged_correction(rows, residuals, cold);
  EXPECT_EQ(kriged.outliers, 1U);
  const Correction correction(kriged.tables);
  for (const Sample* s : rows) {
    KernelRow sizes;
    sizes.m = s->work.m;
    sizes.n = s->work.n;
    sizes.k = s->work.k;
    EXPECT_NEAR(correction.at(s->work), std::log(ripple(sizes)), 0.05);
  }
}

TEST(Kriging, Fills_in_sizes_that_were_not_measured_and_is_zero_where_nothing_differs) {
  KernelTable sparse = table([](const KernelRow&) { return 1.1; });
  std::size_t i = 0;
  std::erase_if(sparse.rows, [&](const KernelRow&) { return i++ % 3 != 0; });
  const auto data = family_data({sparse}, rules(), gpu());
  std::vector<const Sample*> rows;
  for (const Sample& s : data[0].samples) {
    rows.push_back(&s);
  }
  const Kriged kriged = kriged_correction(rows, std::vector<double>(rows.size(), std::log(1.1)), cold);
  const Correction correction(kriged.tables);
  EXPECT_NEAR(correction.at(linear_work({}, 256, 2048, 4096)), std::log(1.1), 0.02);
  EXPECT_TRUE(kriged_correction({rows.front()}, {0.1}, cold).tables.empty());
}

TEST(Kriging, Weights_beyond_l2_tell_little_of_those_within) {
  const auto fits = [](double n, double k) { return n * k < 3e7 ? 1.0 : 0.0; };
  std::vector<Sample> samples;  // a lattice in octaves, but for the shape 4096 x 4096
  for (const double m : {1.0, 8.0, 64.0, 512.0}) {
    for (double n = 256; n <= 65536; n *= 2) {
      for (double k = 256; k <= 65536; k *= 2) {
        if (n != 4096 || k != 4096) {
          samples.push_back({linear_work({}, m, n, k), 1, 1, ""});
        }
      }
    }
  }
  std::vector<const Sample*> rows;
  std::vector<double> residuals;
  for (const Sample& s : samples) {
    rows.push_back(&s);
    residuals.push_back(fits(s.work.n, s.work.k) > 0 ? 0 : 0.4);
  }
  const auto unseen = [&](const WarmShare& warm) {
    return std::abs(
        Correction(kriged_correction(rows, residuals, warm).tables).at(linear_work({}, 8, 4096, 4096)));
  };
  EXPECT_LT(unseen(fits), 0.5 * unseen(cold));
  EXPECT_LT(unseen(fits), 0.05);
}

TEST(Predict_rows, Errors_are_zero_for_the_family_that_made_the_rows) {
  spec::GpuSpec machine = gpu();
  machine.families["gemm_bf16"] = truth();
  const KernelTable t = table(exact);
  const auto predictions = predict_rows(t, rules(), machine);
  const PredictionErrors errors = prediction_errors(t, predictions);
  EXPECT_EQ(errors.all.errors.n, 60U);
  EXPECT_NEAR(errors.all.errors.p90_ape, 0, 1e-9);
  EXPECT_EQ(predictions[0].uncertainty.reach, Reach::kSpecOnly);  // it has no residuals
  ASSERT_EQ(errors.rows.size(), 2U);
  EXPECT_EQ(errors.rows[0].name, "<= 64");
}

TEST(Transfer, Takes_the_nearest_relative_of_the_architecture_and_leaves_the_surface_behind) {
  spec::GpuSpec near = gpu();
  near.name = "near";
  near.families["gemm_bf16"] = truth();
  near.families["gemm_bf16"].source.kind = Provenance::kFitted;
  near.families["gemm_bf16"].error90_permille.assign(kRegionCount, 50);
  near.families["gemm_bf16"].correction.emplace_back();
  near.families["gemm_fp8"] = near.families["gemm_bf16"];
  near.families["gemm_fp8"].tensor_peak = "fp8";
  spec::GpuSpec other = near;
  other.name = "other";
  other.architecture = "b";
  spec::GpuSpec target = gpu();
  target.hbm_gb_s = 4000;
  target.sms += 4;
  near.hbm_gb_s = 1500;
  other.hbm_gb_s = 4000;
  const auto taken = borrowed_families(target, {}, {other, near}, rules(), 0.3);
  ASSERT_EQ(taken.size(), 1U);  // this GPU has no fp8 peak
  const spec::KernelFamily& family = taken.at("gemm_bf16");
  EXPECT_EQ(family.borrowed_from, "near");
  EXPECT_EQ(family.source.kind, Provenance::kBorrowed);
  EXPECT_TRUE(family.correction.empty());
  EXPECT_DOUBLE_EQ(family.transfer_error90, 0.3);
}

TEST(Transfer, The_same_chip_with_another_memory_keeps_the_surface) {
  spec::GpuSpec near = gpu();
  near.families["gemm_bf16"] = truth();
  near.families["gemm_bf16"].source.kind = Provenance::kFitted;
  near.families["gemm_bf16"].error90_permille.assign(kRegionCount, 50);
  near.families["gemm_bf16"].correction.emplace_back();
  spec::GpuSpec target = gpu();
  target.hbm_gb_s *= 1.4;
  const auto taken = borrowed_families(target, {}, {near}, rules(), 0.3);
  EXPECT_FALSE(taken.at("gemm_bf16").correction.empty());
  EXPECT_LT(taken.at("gemm_bf16").transfer_error90, 0.3);
  EXPECT_NE(taken.at("gemm_bf16").source.citation.find("the same chip"), std::string::npos);
}

TEST(Transfer, An_l2_slower_than_memory_is_not_lent_to_another_chip) {
  spec::GpuSpec relative = gpu();
  spec::KernelFamily& lent = relative.families["gemm_bf16"];
  lent = truth();
  lent.form = "tiles";
  lent.parameters.clear();
  for (const forms::Parameter& p : forms::Tiles::parameters()) {
    lent.parameters[std::string(p.name)].value = p.low;
  }
  lent.source.kind = Provenance::kFitted;
  lent.error90_permille.assign(kRegionCount, 50);
  spec::GpuSpec target = gpu();
  target.l2_mb = 96;
  const auto l2_speedup = [&] {
    return borrowed_families(target, {}, {relative}, rules(), 0.3)
        .at("gemm_bf16")
        .parameters.at("l2_speedup")
        .value;
  };
  EXPECT_GT(l2_speedup(), 1);
  lent.parameters.at("l2_speedup").value = 3;
  EXPECT_EQ(l2_speedup(), 3);
  target.l2_mb = relative.l2_mb;  // the same chip
  lent.parameters.at("l2_speedup").value = 0.5;
  EXPECT_EQ(l2_speedup(), 0.5);
}

TEST(Transfer, Lends_a_family_only_to_architectures_that_run_its_kernel) {
  spec::GpuSpec relative = gpu();
  relative.name = "relative";
  relative.families["gemm_bf16"] = truth();
  relative.families["gemm_bf16"].source.kind = Provenance::kFitted;
  relative.families["gemm_bf16"].error90_permille.assign(kRegionCount, 50);
  spec::FamilyRules narrow = rules();
  narrow.rules.front().architectures = {"a"};
  spec::GpuSpec target = gpu();
  EXPECT_EQ(borrowed_families(target, {}, {relative}, narrow, 0.3).size(), 1U);
  target.architecture = "b";
  EXPECT_TRUE(borrowed_families(target, {}, {relative}, narrow, 0.3).empty());
  narrow.rules.front().form = "tiles";  // another design of that name
  EXPECT_EQ(borrowed_families(target, {}, {relative}, narrow, 0.3).size(), 1U);
}

}  // namespace
}  // namespace hopsim::cost::fit
