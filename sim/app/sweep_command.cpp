// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "app/command.hpp"
#include "app/git_revision.hpp"
#include "app/progress.hpp"
#include "base/errors.hpp"
#include "io/files.hpp"
#include "io/hash.hpp"
#include "report/results_file.hpp"
#include "report/tables.hpp"
#include "spec/catalog.hpp"
#include "sweep/sweep.hpp"

namespace hopsim::app {

namespace {

constexpr int kMaxJobs = 1024;

struct SweepOptions {
  CommonOptions common;
  std::string file;
  int jobs = 0;
};

// Names inside the data folder are stored relative to it, so that results don't tell where they were made.
auto evidence_of(const spec::ExperimentSpec& experiment, const std::string& path,
                 const spec::Catalog& catalog) -> std::vector<report::Evidence> {
  std::vector<report::Evidence> out;
  const std::string root = catalog.library().root() + "/";
  const auto name_of = [&](const std::string& file) {
    return file.starts_with(root) ? file.substr(root.size()) : file;
  };
  out.push_back({name_of(path), io::sha256(experiment.text), experiment.text});
  for (const std::string& file : catalog.files()) {
    const std::string text = io::read_text_file(file);
    out.push_back({name_of(file), io::sha256(text), text});
  }
  return out;
}

auto verdict_counts(const std::vector<report::PointRow>& rows) -> std::map<std::string, std::int64_t> {
  std::map<std::string, std::int64_t> out;
  for (std::size_t v = 0; v < metrics::kVerdictCount; ++v) {
    out[std::string(to_text(static_cast<metrics::Verdict>(v)))] = 0;
  }
  for (const report::PointRow& row : rows) {
    ++out[row.verdict];
  }
  return out;
}

int run(const SweepOptions& options) {
  if (options.common.output.empty()) {
    throw InputError(Location{}, "no output file", "-o R.h5");
  }
  if (options.jobs < 0 || options.jobs > kMaxJobs) {
    throw InputError(Location{}, fmt::format("--jobs {} is out of range", options.jobs),
                     fmt::format("allowed: 0 (all cores) to {}", kMaxJobs));
  }
  io::check_output_path(options.common.output);
  spec::Catalog catalog(spec::Library::standard());
  const std::string path = catalog.library().experiment_path(options.file);
  const spec::ExperimentSpec experiment = spec::load_experiment(path);
  const auto start = std::chrono::steady_clock::now();
  sweep::Options how;
  how.jobs =
      options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  sweep::Result result;
  {
    Progress progress("sweep", options.common.quiet);
    how.progress = [&](std::size_t done, std::size_t total) { progress.update(done, total); };
    result = sweep::run(experiment, catalog, how);
  }
  const report::Results results = report::to_results(experiment, result);
  report::write_results(options.common.output, results, evidence_of(experiment, path, catalog), kGitRevision);
  const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::map<std::string, std::int64_t> verdicts = verdict_counts(results.points);
  const double rate = static_cast<double>(result.kernels) / std::max(result.points_wall_s, 1e-9);
  if (options.common.json) {
    io::Json out;
    out["experiment"] = experiment.name;
    out["points"] = results.points.size();
    out["kernels"] = result.kernels;
    out["wall_s"] = wall_s;
    out["points_wall_s"] = result.points_wall_s;
    out["critical_wall_s"] = result.critical_wall_s;
    out["kernels_per_s"] = rate;
    out["jobs"] = how.jobs;
    out["verdicts"] = verdicts;
    out["engine"] = "folded";
    out["output"] = options.common.output;
    emit(io::to_text(out), "");
  } else if (!options.common.quiet) {
    std::string out = fmt::format(
        "{}: {} points, {:.3g} kernels simulated in {:.2f} s ({:.2g} kernels/s on {} threads); N* and B* "
        "{:.2f} s more\n",
        experiment.name, results.points.size(), static_cast<double>(result.kernels), result.points_wall_s,
        rate, how.jobs, result.critical_wall_s);
    for (const auto& [verdict, count] : verdicts) {
      out += fmt::format("  {:<14}{:>7}\n", verdict, count);
    }
    if (experiment.hosts.size() == 1 && experiment.chains.size() == 1) {
      out += "\n" + report::critical_text(results);
    }
    emit(out + fmt::format("\nwritten: {}\n", options.common.output), "");
  }
  return 0;
}

}  // namespace

Action register_sweep(CLI::App& app) {
  auto options = std::make_shared<SweepOptions>();
  CLI::App* command = app.add_subcommand("sweep", "A grid of points, with N* and B*, into a results file");
  command->add_option("experiment", options->file, "Experiment name or file (hopsim: experiment/1)")
      ->required();
  command->add_option("-j,--jobs", options->jobs, "Threads (default 0: all cores)");
  add_common(*command, options->common, "Results file (HDF5), required");
  command->footer("Example:\n  hopsim sweep experiments/trap_map.yaml -o results/trap_map.h5\n");
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
