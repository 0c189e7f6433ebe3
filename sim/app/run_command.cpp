// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "app/command.hpp"
#include "app/run_bands.hpp"
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
  sweep::DrawOptions draws;
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

int run(const RunOptions& options) {
  check_draws(options.draws);
  const Scenario scenario(options.scenario);
  RunReport report;
  report.machine = scenario.machine();
  report.workload = scenario.workload();
  report.versus = &scenario.versus();
  const std::unique_ptr<replay::Engine> engine = engine_of(options.engine);
  const metrics::SiOptions si = si_options(options);

  const auto start = std::chrono::steady_clock::now();
  const cost::StepCoster coster(*report.machine.gpu, *report.machine.host);
  report.judged = judged(scenario, coster, *engine, si);
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.engine = std::string(engine->name());
  const RunBands bands = run_bands(scenario, report.judged, *engine, options.draws);
  io::Json json = options.common.json ? run_json(report) : io::Json();
  if (options.common.json && options.draws.draws > 0) {
    json["bands"] = bands_json(bands);
  }
  emit(options.common.json    ? io::to_text(json)
       : options.common.quiet ? verdict_text(report)
                              : run_text(report) + bands_text(bands),
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
  add_draws(*command, options->draws);
  add_common(*command, options->common, "Write the result into this file");
  command->footer("Example:\n  hopsim run --gpu h100-80-sxm --model mistral-7b --stack bnb/nf4 --batch 1\n");
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
