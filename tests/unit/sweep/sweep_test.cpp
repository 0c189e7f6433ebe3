// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "replay/folded/folded_engine.hpp"
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
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  const report::Results r = run_with(2);
  const replay::FoldedEngine engine;
  int crossings = 0;
  for (const report::CriticalPointRow& row : r.critical) {
    if (row.kind != "B" || row.outcome != "crossings" || row.equal != "latency") {
      continue;
    }
    ++crossings;
    const auto latency = [&](const std::string& stack, int batch) {
      const metrics::Machine machine{&catalog.gpu(row.gpu), &catalog.host(row.host)};
      const metrics::Workload workload{&catalog.model(row.model), &catalog.stack(stack),
                                       &catalog.chain(row.chain), batch};
      replay::LoweredSteps steps(*workload.model, *workload.stack, batch);
      return metrics::evaluate(machine, cost::StepCoster(*machine.gpu, *machine.host), workload, steps,
                               engine, metrics::TooBig::kSimulateAnyway)
          .performance.latency_s;
    };
    const int at = static_cast<int>(row.at);
    EXPECT_EQ(latency(row.stack, at - 1) > latency(row.versus, at - 1), row.trap_below == 1);
    EXPECT_EQ(latency(row.stack, at) > latency(row.versus, at), row.trap_below == 0);
  }
  EXPECT_GT(crossings, 0);
}

TEST(Sweep, Latency_never_falls_as_the_batch_grows_unless_another_path_is_taken) {
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  spec::ExperimentSpec x = spec::load_experiment(catalog.library().experiment_path("trap_map"));
  x.models = {"dense@0.6b", "dense@8b", "dense@32b"};
  Options options;
  options.jobs = 2;
  options.critical = false;
  const report::Results r = report::to_results(x, run(x, catalog, options));
  for (std::size_t i = 1; i < r.points.size(); ++i) {
    const report::PointRow& a = r.points[i - 1];
    const report::PointRow& b = r.points[i];
    const bool neighbours =
        a.gpu == b.gpu && a.model == b.model && a.stack == b.stack && a.feasible == 1 && b.feasible == 1;
    if (neighbours && b.batch > a.batch) {
      EXPECT_GE(b.latency_s, a.latency_s) << b.gpu << " " << b.model << " " << b.stack << " " << b.batch;
    }
  }
}

TEST(Sweep, Refuses_two_stacks_of_one_name_and_an_anchor_of_low_precision) {
  const test::TempDir dir;
  const std::string base =
      std::filesystem::relative(std::string(HOPSIM_SOURCE_DIR) + "/experiments/stacks/bnb/nf4.yaml",
                                dir.path())
          .string();
  const auto error_of = [&](const std::string& header) {
    spec::ExperimentSpec x = experiment();
    x.stacks = {"bnb/nf4", dir.write("s.yaml", "hopsim: stack/1\nextends: " + base + "\n" + header)};
    spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
    return test::input_error([&] { static_cast<void>(run(x, catalog, Options{})); });
  };
  EXPECT_NE(error_of("").find("needs a name of its own"), std::string::npos);
  EXPECT_NE(error_of("name: bnb/nf4\n").find("two stacks are called 'bnb/nf4'"), std::string::npos);
  EXPECT_NE(error_of("name: mine\nanchor: bnb/int8\n").find("no 16-bit stack"), std::string::npos);
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
