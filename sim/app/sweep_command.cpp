// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "app/command.hpp"
#include "app/elasticity_text.hpp"
#include "app/git_revision.hpp"
#include "app/progress.hpp"
#include "app/run_bands.hpp"
#include "app/sweep_text.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "io/files.hpp"
#include "io/hash.hpp"
#include "io/json.hpp"
#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"
#include "report/results_store.hpp"
#include "spec/catalog.hpp"
#include "sweep/mpi_pool.hpp"

namespace hopsim::app {

namespace {

constexpr int kMaxJobs = 1024;
constexpr int kExitBadInput = 2;
constexpr int kExitInternal = 3;

struct SweepOptions {
  CommonOptions common;
  std::string file;
  std::string engine = "folded";
  int jobs = 0;
  bool resume = false;
  bool dry_run = false;
  bool elasticity = false;
  bool critical_elasticity = false;

  [[nodiscard]] bool asks_elasticity() const { return elasticity || critical_elasticity; }
  sweep::DrawOptions draws;
  bool seeded = false;  // --seed was given
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

auto identity_of(const spec::ExperimentSpec& experiment, const std::string& path,
                 const spec::Catalog& catalog, const sweep::DrawOptions& draws) -> report::Identity {
  return {kVersion, kGitRevision, io::sha256_file("/proc/self/exe"), evidence_of(experiment, path, catalog),
          draws};
}

void check(const SweepOptions& options, const sweep::MpiPool* mpi) {
  if (options.common.output.empty() && !options.dry_run && !options.asks_elasticity()) {
    throw InputError(Location{}, "no output file", "-o R.h5");
  }
  if (options.jobs < 0 || options.jobs > kMaxJobs) {
    throw InputError(Location{}, fmt::format("--jobs {} is out of range", options.jobs),
                     fmt::format("allowed: 0 (all cores) to {}", kMaxJobs));
  }
  if (options.asks_elasticity() && (mpi != nullptr || options.engine != "folded" || options.resume)) {
    throw InputError(Location{}, "an elasticity goes with the folded engine on one machine only");
  }
  check_draws(options.draws);
  const int asked = (options.elasticity ? 1 : 0) + (options.critical_elasticity ? 1 : 0) +
                    (options.draws.draws > 0 ? 1 : 0);
  if (asked > 1 || (options.asks_elasticity() && options.dry_run)) {
    throw InputError(Location{}, "--elasticity, --critical-elasticity and --draws exclude each other",
                     "one of them; --dry-run with --draws only");
  }
  if (options.seeded && options.draws.draws == 0) {
    throw InputError(Location{}, "--seed without --draws", "--draws 64 --seed 1");
  }
  if (mpi != nullptr && options.jobs > 1) {
    throw InputError(Location{}, "--jobs does not go with mpirun", "more ranks: mpirun -n");
  }
  const std::vector<std::string> engines = {"folded", "simgrid"};
  if (std::find(engines.begin(), engines.end(), options.engine) == engines.end()) {
    throw InputError(Location{}, fmt::format("unknown engine '{}'", options.engine),
                     suggestion(options.engine, engines));
  }
}

auto make_engine(const std::string& name) -> std::unique_ptr<replay::Engine> {
  if (name == "simgrid") {
    return std::make_unique<replay::SimGridEngine>();
  }
  return std::make_unique<replay::FoldedEngine>();
}

// SimGrid forks, so it can't run on threads.
auto make_pool(const SweepOptions& options) -> std::unique_ptr<sweep::Pool> {
  const int jobs =
      options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (options.engine == "simgrid") {
    return std::make_unique<sweep::ProcessPool>(jobs);
  }
  return std::make_unique<sweep::ThreadPool>(jobs);
}

// A failure of the work would come again: nothing is left to resume. A failure to store leaves what is
// stored.
auto run_and_store(const SweepOptions& options, const sweep::Plan& plan, const replay::Engine& engine,
                   sweep::Pool& pool, const sweep::DrawnPlans* draws, report::ResultsStore& store)
    -> sweep::Outcome {
  Progress progress("sweep", options.common.quiet);
  bool storing = false;
  sweep::Options how;
  how.critical = !store.complete();
  how.draws = draws;
  how.known = [&](std::size_t block) { return store.known(block); };
  how.store = [&](std::size_t block, std::span<const sweep::PointRecord> records,
                  std::span<const metrics::PointBands> bands) {
    storing = true;
    store.store(block, records, bands);
    storing = false;
  };
  how.progress = [&](std::size_t done, std::size_t total) { progress.update(done, total); };
  try {
    return sweep::run(plan, engine, pool, how);
  } catch (const InputError&) {
    if (!storing) {
      store.discard();
    }
    throw;
  }
}

// Kernels are counted on the folded engine; simgrid would take as long as the sweep for its sample.
int print_estimate(const SweepOptions& options, const sweep::Plan& plan, int workers) {
  constexpr double kSimGridKernelsPerS = 4.5e5;  // of one process, tests/benchmark
  sweep::Estimate estimate = sweep::estimate(plan, replay::FoldedEngine(), workers);
  if (options.engine == "simgrid") {
    estimate.seconds = estimate.kernels / kSimGridKernelsPerS / workers;
  }
  estimate.kernels *= 1 + options.draws.draws;  // a draw is the experiment again
  estimate.seconds *= 1 + options.draws.draws;
  if (options.common.json) {
    emit(io::to_text(io::Json{{"experiment", plan.experiment().name},
                              {"points", plan.grid().rows()},
                              {"kernels_estimate", estimate.kernels},
                              {"wall_s_estimate", estimate.seconds},
                              {"jobs", workers}}),
         "");
  } else {
    emit(fmt::format("{}: {} points, about {:.2g} kernels, about {:.2g} s on {} {}\n", plan.experiment().name,
                     plan.grid().rows(), estimate.kernels, estimate.seconds, workers,
                     workers == 1 ? "worker" : "workers"),
         "");
  }
  return 0;
}

// A table on stdout or, with -o, as CSV.
template <class Row>
int print_elasticities(const SweepOptions& options, const std::vector<Row>& rows) {
  if (options.common.json) {
    emit(io::to_text(elasticity_json(rows)), "");
  } else if (!options.common.output.empty()) {
    emit(elasticity_csv(rows), options.common.output);
  } else {
    emit(elasticity_text(rows), "");
  }
  return 0;
}

int find_elasticities(const SweepOptions& options, const spec::ExperimentSpec& experiment,
                      spec::Catalog& catalog, sweep::Pool& pool) {
  const auto rows_of = [&](auto find) {
    Progress progress("elasticity", options.common.quiet);
    return find(experiment, catalog, pool,
                [&](std::size_t done, std::size_t total) { progress.update(done, total); });
  };
  return options.elasticity ? print_elasticities(options, rows_of(sweep::elasticities))
                            : print_elasticities(options, rows_of(sweep::critical_elasticities));
}

void print_summary(const SweepOptions& options, const sweep::Plan& plan, const SweepSummary& summary) {
  if (options.common.json) {
    emit(io::to_text(sweep_json(plan, summary)), "");
  } else if (!options.common.quiet) {
    emit(sweep_text(plan, summary), "");
  }
}

int run_in(const SweepOptions& options, sweep::MpiPool* mpi) {
  check(options, mpi);
  const auto start = std::chrono::steady_clock::now();
  spec::Catalog catalog(spec::Library::standard());
  const std::string path = catalog.library().experiment_path(options.file);
  if (options.asks_elasticity()) {
    const std::unique_ptr<sweep::Pool> local = make_pool(options);
    return find_elasticities(options, spec::load_experiment(path), catalog, *local);
  }
  const sweep::Plan plan(spec::load_experiment(path), catalog);
  const std::unique_ptr<replay::Engine> engine = make_engine(options.engine);
  const std::unique_ptr<sweep::Pool> local = mpi == nullptr ? make_pool(options) : nullptr;
  sweep::Pool& pool = mpi != nullptr ? *mpi : *local;
  if (options.dry_run) {
    return pool.takes() ? print_estimate(options, plan, pool.size()) : 0;
  }
  const std::unique_ptr<sweep::DrawnPlans> draws =
      options.draws.draws > 0 ? std::make_unique<sweep::DrawnPlans>(plan, options.draws) : nullptr;
  if (!pool.takes()) {
    sweep::Options how;
    how.draws = draws.get();
    static_cast<void>(sweep::run(plan, *engine, pool, how));
    return 0;
  }
  report::ResultsStore store(
      options.common.output, plan, identity_of(plan.experiment(), path, catalog, options.draws),
      options.resume ? report::ResultsStore::Mode::kResume : report::ResultsStore::Mode::kNew);
  SweepSummary summary;
  summary.resumed_points = store.known_points();
  summary.outcome = run_and_store(options, plan, *engine, pool, draws.get(), store);
  if (!store.complete()) {
    store.finish(summary.outcome.critical);
  }
  summary.file = report::read_summary(options.common.output);
  summary.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  summary.workers = pool.size();
  summary.engine = options.engine;
  summary.output = options.common.output;
  print_summary(options, plan, summary);
  return 0;
}

// Under mpirun only rank 0 speaks, and it ends the job after a failure of any.
int run(const SweepOptions& options) {
  const std::unique_ptr<sweep::MpiPool> mpi = sweep::MpiPool::join();
  if (mpi == nullptr) {
    return run_in(options, nullptr);
  }
  const auto give_up = [&](const std::exception& e, const char* kind, int status) {
    if (mpi->takes()) {
      fmt::print(stderr, "{}{}\n", kind, e.what());
      std::fflush(stderr);
    }
    mpi->give_up(e, status);
    return status;
  };
  try {
    return run_in(options, mpi.get());
  } catch (const InputError& e) {
    return give_up(e, "", kExitBadInput);
  } catch (const std::exception& e) {
    return give_up(e, "internal error: ", kExitInternal);
  }
}

}  // namespace

Action register_sweep(CLI::App& app) {
  auto options = std::make_shared<SweepOptions>();
  Command command(app, "sweep", "A grid of points, with N* and B*, into a results file");
  command.add_option("experiment", &options->file, "Experiment name or file (hopsim: experiment/1)")
      .type_name("EXPERIMENT")
      .required();
  command.add_option("-j,--jobs", &options->jobs, "Workers on this machine (default 0: all cores)")
      .type_name("N");
  command.add_option("--engine", &options->engine, "Default folded; simgrid takes one event a kernel")
      .type_name("folded|simgrid");
  command.add_flag("--resume", &options->resume, "Go on with the results file where a sweep was cut short");
  command.add_flag("--dry-run", &options->dry_run, "Print the number of points and kernels and an estimate");
  command.add_flag("--elasticity", &options->elasticity,
                   "Instead: by how many per cent do latency and energy against 16 bit move for 1 % of each "
                   "field of the GPU and host profiles (-o: CSV)");
  command.add_flag("--critical-elasticity", &options->critical_elasticity,
                   "Instead: by how many per cent does N* move for 1 % of each field (-o: CSV)");
  add_draws(command, options->draws);
  add_common(command, options->common, "Results file (HDF5), required");
  set_examples(
      command, "",
      {"hopsim sweep native_4bit -o native_4bit.h5", "hopsim sweep native_4bit -o native_4bit.h5 --resume",
       "hopsim sweep million --dry-run", "mpirun -n 2 hopsim sweep trap_map -o trap_map.h5"});
  return [options, command] {
    options->seeded = command.given("--seed");
    return run(*options);
  };
}

}  // namespace hopsim::app
