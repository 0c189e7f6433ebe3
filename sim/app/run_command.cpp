// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <thread>

#include "app/command.hpp"
#include "app/run_text.hpp"
#include "app/scenario.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
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
  std::optional<std::string> samples, seed, jobs;
};

auto flag_error(const std::string& what, const std::string& allowed) -> InputError {
  return InputError(Location{}, what, allowed);
}

auto engine_of(const std::string& name) -> std::unique_ptr<replay::Engine> {
  if (name == "auto" || name == "folded") {
    return std::make_unique<replay::FoldedEngine>();  // applies to every schedule of one host thread and one
                                                      // stream
  }
  if (name == "simgrid") {
    return std::make_unique<replay::SimGridEngine>();
  }
  throw flag_error(fmt::format("unknown engine '{}'", name), suggestion(name, {"auto", "folded", "simgrid"}));
}

auto si_options(const RunOptions& options) -> metrics::SiOptions {
  metrics::SiOptions out;
  if (!options.si_weights.empty()) {
    double sum = 0;
    for (const double w : options.si_weights) {
      if (!(w >= 0 && w <= 1e6)) {
        throw flag_error("a weight of --si-weights is out of range", "allowed: 0 to 1e6");
      }
      sum += w;
    }
    if (options.si_weights.size() != 3 || sum <= 0) {
      throw flag_error("--si-weights takes three weights, not all 0", "trust,economic,environmental: 1,1,1");
    }
    out.trust = options.si_weights[0];
    out.economic = options.si_weights[1];
    out.environmental = options.si_weights[2];
  }
  if (options.si_mean != "geometric" && options.si_mean != "arithmetic") {
    throw flag_error(fmt::format("unknown mean '{}'", options.si_mean),
                     suggestion(options.si_mean, {"geometric", "arithmetic"}));
  }
  out.mean = options.si_mean == "geometric" ? metrics::SiOptions::Mean::kGeometric
                                            : metrics::SiOptions::Mean::kArithmetic;
  return out;
}

// Draws chains where it is asked for, or where the chain's file gives distributions.
auto sampling_of(const RunOptions& options, const spec::ChainSpec& chain)
    -> std::optional<metrics::Sampling> {
  if (!chain.varies()) {
    if (options.samples || options.seed || options.jobs) {
      throw flag_error(fmt::format("chain '{}' has nothing to draw: its token counts are fixed", chain.name),
                       "decode_tokens: {mean: ..., cv: ..., loop_share: ..., cap_tokens: ...} in its file");
    }
    return std::nullopt;
  }
  constexpr int kMost = 1'000'000;
  metrics::Sampling out;
  out.samples = whole_number(options.samples, "--samples", 2, kMost, out.samples);
  out.seed =
      static_cast<std::uint64_t>(whole_number(options.seed, "--seed", 0, std::numeric_limits<int>::max(), 1));
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  out.workers = whole_number(options.jobs, "--jobs", 1, 1024, static_cast<int>(cores));
  return out;
}

int run(const RunOptions& options) {
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
        *sampling, metrics::monte_carlo(report.machine, coster, report.workload, *report.versus, *sampling)};
  }
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.engine = std::string(engine->name());
  emit(options.common.json    ? io::to_text(run_json(report))
       : options.common.quiet ? verdict_text(report)
                              : run_text(report),
       options.common.output);
  return 0;
}

}  // namespace

Action register_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "One scenario: is low precision worth it here?");
  add_scenario(*command, options->scenario);
  command->add_option("--engine", options->engine, "auto, folded or simgrid");
  command->add_option("--si-weights", options->si_weights, "Weights of trust, economic, environmental")
      ->delimiter(',');
  command->add_option("--si-mean", options->si_mean, "geometric or arithmetic");
  command->add_option("--samples", options->samples,
                      "Chains drawn where the chain's file gives distributions (default 1000)");
  command->add_option("--seed", options->seed, "Seed of the draws (default 1)");
  command->add_option("--jobs", options->jobs,
                      "Threads that replay them (default: all cores); changes no result");
  add_common(*command, options->common, "Write the result into this file");
  command->footer("Example:\n  hopsim run --gpu h100-80-sxm --model mistral-7b --stack bnb/nf4 --batch 1\n");
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
