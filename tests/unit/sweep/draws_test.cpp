// SPDX-License-Identifier: Apache-2.0
#include "sweep/draws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "io/files.hpp"
#include "replay/folded/folded_engine.hpp"
#include "report/band_tables.hpp"
#include "report/results_store.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "sweep/sweep.hpp"

namespace hopsim::sweep {
namespace {

auto experiment() -> spec::ExperimentSpec {
  spec::ExperimentSpec x;
  x.name = "small";
  x.title = "a small grid";
  x.gpus = {"l4"};
  x.hosts = {"default"};
  x.models = {"qwen3-0.6b", "dense@72b"};
  x.stacks = {"hf-eager/bf16", "bnb/nf4"};
  x.chains = {"gsm8k-5x200"};
  x.batches = {1, 8};
  return x;
}

auto with_search(spec::ExperimentSpec x) -> spec::ExperimentSpec {
  x.critical_params_low = 0.5e9;
  x.critical_params_high = 20e9;
  x.critical_chains = x.chains;
  return x;
}

auto bands_of(const Plan& plan, Pool& pool, const DrawOptions& how) -> std::vector<metrics::PointBands> {
  const DrawnPlans draws(plan, how);
  std::vector<metrics::PointBands> out(plan.grid().rows());
  Options options;
  options.draws = &draws;
  options.store = [&](std::size_t block, std::span<const PointRecord>,
                      std::span<const metrics::PointBands> bands) {
    std::copy(bands.begin(), bands.end(),
              out.begin() + static_cast<std::ptrdiff_t>(plan.grid().block(block).first));
  };
  static_cast<void>(run(plan, replay::FoldedEngine(), pool, options));
  return out;
}

// Runs the experiment into the file, with as many draws.
void run_into(const std::string& path, const spec::ExperimentSpec& x, Pool& pool, int draws) {
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  const Plan plan(x, catalog);
  const DrawOptions how{draws, 5};
  report::ResultsStore store(path, plan, {"1", "abc", "00", {{"a.yaml", "00", "text"}}, how},
                             report::ResultsStore::Mode::kNew);
  const DrawnPlans drawn(plan, how);
  Options options;
  options.draws = draws > 0 ? &drawn : nullptr;
  options.store = [&](std::size_t block, std::span<const PointRecord> records,
                      std::span<const metrics::PointBands> bands) { store.store(block, records, bands); };
  store.finish(run(plan, replay::FoldedEngine(), pool, options).critical);
}

TEST(Draws, Give_the_same_bytes_for_any_number_of_threads_and_processes) {
  const test::TempDir dir;
  ThreadPool one(1);
  ThreadPool three(3);
  ProcessPool two(2);
  run_into(dir / "1.h5", with_search(experiment()), one, 3);
  run_into(dir / "3.h5", with_search(experiment()), three, 3);
  run_into(dir / "2.h5", with_search(experiment()), two, 3);
  const std::string bytes = io::read_text_file(dir / "1.h5");
  EXPECT_EQ(io::read_text_file(dir / "3.h5"), bytes);
  EXPECT_EQ(io::read_text_file(dir / "2.h5"), bytes);
}

TEST(Draws, Stand_row_by_row_beside_points_and_critical_points) {
  const test::TempDir dir;
  ThreadPool pool(2);
  run_into(dir / "r.h5", with_search(experiment()), pool, 8);
  const report::Results r = report::read_results(dir / "r.h5");
  EXPECT_EQ(r.bands.draws, 8);
  EXPECT_EQ(r.bands.seed, 5);
  ASSERT_EQ(r.bands.points.size(), r.points.size());
  ASSERT_EQ(r.bands.critical.size(), r.critical.size());
  for (std::size_t i = 0; i < r.points.size(); ++i) {
    const report::PointBandRow& b = r.bands.points[i];
    if (r.points[i].verdict == "anchor" || r.points[i].verdict == "infeasible") {
      EXPECT_EQ(b.verdict_share, 1);
      EXPECT_EQ(b.energy_ratio_high, 0);
    } else {
      EXPECT_LT(b.cor_low, b.cor_high);
      EXPECT_LT(b.energy_ratio_low, b.energy_ratio_high);
    }
  }
  for (const report::CriticalBandRow& b : r.bands.critical) {
    EXPECT_LE(b.crosses_share + b.always_share + b.never_share, 1 + 1e-12);
    EXPECT_LE(b.low, b.high);
  }
  const std::string csv = report::critical_bands_csv(r);
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), 1 + r.critical.size());
}

TEST(Draws, A_file_without_them_loads_and_has_no_bands) {
  const test::TempDir dir;
  ThreadPool pool(2);
  run_into(dir / "r.h5", with_search(experiment()), pool, 0);
  const report::Results r = report::read_results(dir / "r.h5");
  EXPECT_FALSE(r.points.empty());
  EXPECT_EQ(r.bands.draws, 0);
  EXPECT_TRUE(r.bands.points.empty());
  EXPECT_TRUE(r.bands.critical.empty());
  EXPECT_EQ(report::bands_text(r.bands, r.critical), "");
}

TEST(Draws, What_both_sides_share_cancels) {
  // On an L4 an 8B waits for memory, not for the host: a stack of 16 bit's own kernels differs from it in
  // nothing that matters, whatever the kernels take.
  const test::TempDir dir;
  const std::string base =
      std::filesystem::relative(std::string(HOPSIM_SOURCE_DIR) + "/experiments/stacks/hf-eager/bf16.yaml",
                                dir.path())
          .string();
  spec::ExperimentSpec x = experiment();
  x.models = {"dense@8b"};
  x.stacks = {dir.write(
      "s.yaml", "hopsim: stack/1\nextends: " + base +
                    "\nname: same\nbits: 8\n"
                    "quality: {accuracy_ratio: 1, token_inflation: 1, kind: assumed, source: a test}\n")};
  x.batches = {1};
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  ThreadPool pool(1);
  const Plan plan(x, catalog);
  const std::vector<metrics::PointBands> b = bands_of(plan, pool, {16, 1});
  EXPECT_NEAR(b.at(0).cor.low, 0, 1e-3);
  EXPECT_NEAR(b.at(0).cor.high, 0, 1e-3);
}

TEST(Draws, Cover_both_readings_of_the_dequantisation_rate) {
  // NF4 of an 8B on an RTX 4090 at batch 8, with the rate of the A100 an SM, and an FP32 lane.
  spec::ExperimentSpec x = experiment();
  x.gpus = {"rtx-4090", "h100-80-sxm"};
  x.models = {"llama-3.1-8b"};
  x.stacks = {"bnb/nf4@0.45"};
  x.batches = {8};
  const std::vector<std::string> rate = {"families", "dequant_4bit", "parameters", "alu_per_sm_clock"};
  x.vary = {{spec::VarySpec::Target::kGpu,
             "gpu.families.dequant_4bit.parameters.alu_per_sm_clock",
             {{rate, false, 1.66, {}}, {rate, false, 3.32, {}}}}};
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  const Plan plan(x, catalog);
  ThreadPool pool(2);
  std::vector<double> cor(plan.grid().rows());
  Options options;
  options.store = [&](std::size_t block, std::span<const PointRecord> records,
                      std::span<const metrics::PointBands>) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      cor.at(plan.grid().block(block).first + i) = records[i].cor;
    }
  };
  static_cast<void>(run(plan, replay::FoldedEngine(), pool, options));
  const std::vector<metrics::PointBands> b = bands_of(plan, pool, {64, 1});
  ASSERT_EQ(cor.size(), 4U);
  for (std::size_t row = 0; row < cor.size(); ++row) {
    const metrics::Band& band = b.at(row / 2 * 2).cor;  // of the GPU
    EXPECT_LT(band.low, cor[row]) << row;
    EXPECT_GT(band.high, cor[row]) << row;
  }
  EXPECT_GT(b[0].cor.high, 0.78);  // the RTX 4090's measured COR at batch 8
  EXPECT_LT(b[0].cor.low, 0.78);
}

TEST(Draws, Refuse_what_would_not_fit_into_memory) {
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  const Plan plan(experiment(), catalog);
  ThreadPool pool(1);
  EXPECT_NE(test::input_error([&] {
              static_cast<void>(bands_of(plan, pool, {10'000, 1}));
            }).find("too many"),
            std::string::npos);
}

}  // namespace
}  // namespace hopsim::sweep
