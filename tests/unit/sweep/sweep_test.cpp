// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "report/results_file.hpp"
#include "report/tables.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "sweep/workers.hpp"

namespace hopsim::sweep {
namespace {

auto experiment() -> spec::ExperimentSpec {
  spec::ExperimentSpec x;
  x.name = "small";
  x.title = "a small grid";
  x.gpus = {"l4", "h100-80-sxm"};
  x.hosts = {"default", "desktop-4090"};
  x.models = {"qwen3-0.6b", "dense@13b"};
  x.stacks = {"bnb/nf4", "marlin/int4", "vllm/fp8"};
  x.chains = {"vote-5"};
  x.batches = {1, 8};
  x.critical_params_low = 0.5e9;
  x.critical_params_high = 40e9;
  return x;
}

auto run_with(int jobs) -> report::Results {
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  Options options;
  options.jobs = jobs;
  const spec::ExperimentSpec x = experiment();
  return report::to_results(x, run(x, catalog, options));
}

TEST(Sweep, Gives_the_same_for_any_number_of_threads) {
  const report::Results one = run_with(1);
  const report::Results three = run_with(3);
  EXPECT_EQ(report::points_csv(one), report::points_csv(three));
  EXPECT_EQ(report::critical_csv(one), report::critical_csv(three));
}

TEST(Sweep, Has_a_row_for_each_point_and_compares_with_anchors_outside_the_grid) {
  const report::Results r = run_with(2);
  EXPECT_EQ(r.points.size(), 2U * 2 * 2 * 3 * 2);
  for (const report::PointRow& row : r.points) {
    EXPECT_EQ(row.versus, row.stack == "bnb/nf4" ? "hf-eager/bf16" : "vllm/bf16");
    if (row.verdict == "infeasible") {
      EXPECT_EQ(row.latency_s, 0);
      continue;
    }
    EXPECT_GT(row.latency_s, 0);
    EXPECT_GT(row.energy_j, 0);
    EXPECT_NEAR(row.power_w * row.latency_s, row.energy_j, 1e-9 * row.energy_j);
    EXPECT_TRUE(row.host_bound_fraction >= 0 && row.host_bound_fraction < 1);
  }
}

TEST(Sweep, A_crossing_along_the_batch_separates_the_verdicts_on_both_sides) {
  const report::Results r = run_with(2);
  for (const report::CriticalPointRow& row : r.critical) {
    if (row.kind == "B" && row.outcome == "crossings") {
      EXPECT_GT(row.at, row.lowest);
      EXPECT_LE(row.at, row.highest);
    }
  }
}

TEST(Results_file, Reads_back_what_was_written) {
  const test::TempDir dir;
  const report::Results written = run_with(2);
  report::write_results(dir / "r.h5", written, {{"a.yaml", "00", "text"}}, "abc");
  const report::Results read = report::read_results(dir / "r.h5");
  EXPECT_EQ(read.experiment, "small");
  EXPECT_EQ(report::points_csv(read), report::points_csv(written));
  EXPECT_EQ(report::critical_csv(read), report::critical_csv(written));
  EXPECT_EQ(dir.files(), 1U);
}

TEST(Results_file, Refuses_another_format) {
  const test::TempDir dir;
  const std::string text = dir.write("r.h5", "hello");
  EXPECT_NE(test::input_error([&] { static_cast<void>(report::read_results(text)); }).find("is no HDF5 file"),
            std::string::npos);
}

TEST(For_each_unit, Runs_every_unit_once_and_passes_on_the_first_failure) {
  std::vector<int> seen(100, 0);
  for_each_unit(
      100, 4, [&](std::size_t unit, std::size_t) { ++seen[unit]; }, nullptr);
  EXPECT_EQ(seen, std::vector<int>(100, 1));
  EXPECT_THROW(for_each_unit(
                   100, 4,
                   [](std::size_t unit, std::size_t) {
                     if (unit == 7) {
                       throw std::runtime_error("seven");
                     }
                   },
                   nullptr),
               std::runtime_error);
}

}  // namespace
}  // namespace hopsim::sweep
