// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <thread>

#include "app/command.hpp"
#include "app/run_bands.hpp"
#include "app/run_text.hpp"
#include "app/run_timeline.hpp"
#include "app/scenario.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"

namespace hopsim::app {

namespace {

struct RunOptions {
  CommonOptions common;
  ScenarioOptions scenario;
  std::string engine = "auto";
  std::vector<double> si_weights;
  std::string si_mean = "geometric";
  std::string perfetto;
  std::optional<std::string> perfetto_steps;
  std::optional<std::string> samples, jobs;
  sweep::DrawOptions draws;
  bool seeded = false;  // --seed was given
};

constexpr int kDetailedSteps = 2, kMostDetailedSteps = 1000;

auto engine_of(const std::string& name) -> std::unique_ptr<replay::Engine> {
  if (name == "auto" || name == "folded") {
    return std::make_unique<replay::FoldedEngine>();  // applies to every schedule of one host thread and one
                                                      // stream
  }
  if (name == "simgrid") {
    return std::make_unique<replay::SimGridEngine>();
  }
  throw InputError(Location{}, fmt::format("unknown engine '{}'", name),
                   suggestion(name, {"auto", "folded", "simgrid"}));
}

auto si_options(const RunOptions& options) -> metrics::SiOptions {
  metrics::SiOptions out;
  if (!options.si_weights.empty()) {
    double sum = 0;
    for (const double w : options.si_weights) {
      if (!(w >= 0 && w <= 1e6)) {
        throw InputError(Location{}, "a weight of --si-weights is out of range", "allowed: 0 to 1e6");
      }
      sum += w;
    }
    if (options.si_weights.size() != 3 || sum <= 0) {
      throw InputError(Location{}, "--si-weights takes three weights, not all 0",
                       "trust,economic,environmental: 1,1,1");
    }
    out.trust = options.si_weights[0];
    out.economic = options.si_weights[1];
    out.environmental = options.si_weights[2];
  }
  if (options.si_mean != "geometric" && options.si_mean != "arithmetic") {
    throw InputError(Location{}, fmt::format("unknown mean '{}'", options.si_mean),
                     suggestion(options.si_mean, {"geometric", "arithmetic"}));
  }
  out.mean = options.si_mean == "geometric" ? metrics::SiOptions::Mean::kGeometric
                                            : metrics::SiOptions::Mean::kArithmetic;
  return out;
}

// Of the stack and of 16 bit, where they ran.
auto timelines(const RunReport& report, const cost::StepCoster& coster, std::int64_t detailed_steps)
    -> std::string {
  const metrics::JudgedPoint& judged = report.judged;
  io::ChromeEvents out;
  int process = 0;
  const auto add = [&](const metrics::PointResult& point, const spec::StackSpec& stack) {
    metrics::Workload workload = report.workload;
    workload.stack = &stack;
    const std::int64_t end_ps =
        add_timeline(report.machine, coster, workload, point.place.gpus, ++process, detailed_steps, out);
    HOPSIM_CHECK(std::abs(static_cast<double>(end_ps) * 1e-12 / point.performance.latency_s - 1) < 1e-9,
                 "the timeline and the replay end at different times");
  };
  if (judged.point.simulated) {
    add(judged.point, *report.workload.stack);
  }
  if (judged.anchor.simulated && !judged.is_anchor) {
    add(judged.anchor, *report.versus);
  }
  if (process == 0) {
    throw InputError(Location{}, "--perfetto: nothing runs here, so there is no timeline",
                     "hopsim run without it says why");
  }
  return out.text();
}

// Draws chains where the chain's file gives distributions.
auto sampling_of(const RunOptions& options, const spec::ChainSpec& chain)
    -> std::optional<metrics::Sampling> {
  if (!chain.varies()) {
    if (options.samples || options.jobs || (options.seeded && options.draws.draws == 0)) {
      throw InputError(Location{},
                       fmt::format("chain '{}' has nothing to draw: its token counts are fixed", chain.name),
                       "decode_tokens: {mean: ..., cv: ..., loop_share: ..., cap_tokens: ...} in its file");
    }
    return std::nullopt;
  }
  constexpr int kMost = 1'000'000;
  metrics::Sampling out;
  out.samples = bounded(options.samples, "--samples", 2, kMost, out.samples);
  out.seed = options.draws.seed;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  out.workers = bounded(options.jobs, "--jobs", 1, 1024, static_cast<int>(cores));
  return out;
}

int run(const RunOptions& options) {
  if (!options.perfetto.empty()) {
    io::check_output_path(options.perfetto);
  }
  const int detailed_steps =
      bounded(options.perfetto_steps, "--perfetto-steps", 0, kMostDetailedSteps, kDetailedSteps);
  check_draws(options.draws);
  const Scenario scenario(options.scenario);
  const std::optional<metrics::Sampling> sampling = sampling_of(options, *scenario.workload().chain);
  RunReport report;
  report.machine = scenario.machine();
  report.workload = scenario.workload();
  report.versus = &scenario.versus();
  report.law = scenario.precision_law();
  const std::unique_ptr<replay::Engine> engine = engine_of(options.engine);
  const metrics::SiOptions si = si_options(options);

  const auto start = std::chrono::steady_clock::now();
  const cost::StepCoster coster(*report.machine.gpu, *report.machine.host);
  report.judged = judged(scenario, coster, *engine, si);
  if (sampling && report.judged.point.feasible() && report.judged.anchor.simulated) {
    report.sampled = SampledRun{
        *sampling, metrics::monte_carlo(report.machine, coster, report.workload, *report.versus, *sampling,
                                        {report.judged.point.place.gpus, report.judged.anchor.place.gpus})};
  }
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.engine = std::string(engine->name());
  if (!options.perfetto.empty()) {
    io::write_text_file(options.perfetto, timelines(report, coster, detailed_steps));
  }
  report.bands = run_bands(scenario, report.judged, *engine, options.draws);
  emit(options.common.json    ? io::to_text(run_json(report))
       : options.common.quiet ? verdict_text(report)
                              : run_text(report, style_of(options.common)),
       options.common.output);
  return 0;
}

}  // namespace

Action register_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  Command command(app, "run", "One scenario: is low precision worth it here?");
  add_scenario(command, options->scenario);
  command.add_option("--engine", &options->engine, "How it is replayed; both engines agree")
      .type_name("auto|folded|simgrid");
  command.add_option("--si-weights", &options->si_weights, "Weights of trust, economic, environmental")
      .type_name("T,E,S")
      .delimiter(',');
  command.add_option("--si-mean", &options->si_mean, "Mean of the SI").type_name("geometric|arithmetic");
  command
      .add_option("--perfetto", &options->perfetto,
                  "Write the timelines of the stack and of 16 bit (Chrome trace JSON, for ui.perfetto.dev)")
      .type_name("FILE");
  command
      .add_option("--perfetto-steps", &options->perfetto_steps,
                  "Decode steps of each hop whose layers and kernels the timelines show (default 2)")
      .type_name("N");
  command
      .add_option("--samples", &options->samples,
                  "Chains drawn where the chain gives distributions of tokens (default 1000)")
      .type_name("N");
  command
      .add_option("--jobs", &options->jobs,
                  "Threads that replay the chains of --samples (default: all cores); changes no result")
      .type_name("N");
  add_draws(command, options->draws);
  add_common(command, options->common, "Write the result into this file");
  set_examples(
      command, "",
      {"hopsim run --gpu h100-80-sxm --model mistral-7b --stack bnb/nf4",
       "hopsim run --gpu rtx-4090 --model llama-3.1-8b --stack bnb/nf4@0.45 --batch 8",
       "hopsim run --gpu l4 --model dense@13b --stack marlin/int4 --chain rag-3hop --json",
       "hopsim run --gpu l4 --model qwen3-4b --stack bnb/nf4 --hops 2 --perfetto run.json",
       "hopsim run --gpu l4 --model qwen3-8b --stack torchao/int4-wo --chain gsm8k-reasoning --seed 7"});
  return [options, command] {
    options->seeded = command.given("--seed");
    return run(*options);
  };
}

}  // namespace hopsim::app
