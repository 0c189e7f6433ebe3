// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "app/command.hpp"
#include "app/run_text.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"
#include "spec/catalog.hpp"
#include "spec/scenario.hpp"

namespace hopsim::app {

namespace {

constexpr const char* kDefaultChain = "gsm8k-5x200";
constexpr int kMaxBatch = 65536;
constexpr int kMaxHops = 10'000;
constexpr int kMaxTokens = 10'000'000;

struct RunOptions {
  CommonOptions common;
  std::optional<std::string> file, gpu, host, model, stack, versus, chain;
  std::optional<std::int64_t> batch, hops, prompt_tokens, decode_tokens;
  std::string engine = "auto";
  std::vector<double> si_weights;
  std::string si_mean = "geometric";
};

auto flag_error(const std::string& what, const std::string& allowed) -> InputError {
  return InputError(Location{}, what, allowed);
}

auto bounded(const std::optional<std::int64_t>& value, const char* flag, std::int64_t low, std::int64_t high,
             std::int64_t otherwise) -> int {
  const std::int64_t x = value.value_or(otherwise);
  if (x < low || x > high) {
    throw flag_error(fmt::format("{} {} is out of range", flag, x),
                     fmt::format("allowed: {} to {}", low, high));
  }
  return static_cast<int>(x);
}

auto required(const std::optional<std::string>& flag, const std::optional<std::string>& file,
              const char* name) -> std::string {
  if (flag) {
    return *flag;
  }
  if (file) {
    return *file;
  }
  throw flag_error(
      fmt::format("no {} given", name),
      fmt::format("--{} NAME, or '{}:' in a scenario file; see hopsim list {}s", name, name, name));
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

// A line of hops from the flags, or nothing when none of them was given.
auto chain_from_flags(const RunOptions& options) -> std::optional<spec::ChainSpec> {
  if (!options.hops && !options.prompt_tokens && !options.decode_tokens) {
    return std::nullopt;
  }
  if (options.chain) {
    throw flag_error("--chain and --hops, --prompt-tokens, --decode-tokens exclude each other",
                     "give one of the two");
  }
  spec::ChainSpec out =
      spec::line_chain(bounded(options.hops, "--hops", 1, kMaxHops, 1),
                       bounded(options.prompt_tokens, "--prompt-tokens", 1, kMaxTokens, 120), 0,
                       bounded(options.decode_tokens, "--decode-tokens", 1, kMaxTokens, 200), 0);
  out.source = {Provenance::kAssumed, "command line; accuracy of 16 bit taken as 1"};
  return out;
}

int run(const RunOptions& options) {
  spec::Catalog catalog(spec::Library::standard());
  const spec::ScenarioSpec file = options.file ? spec::load_scenario(*options.file) : spec::ScenarioSpec{};
  RunReport report;
  report.machine.gpu = &catalog.gpu(required(options.gpu, file.gpu, "gpu"));
  report.workload.model = &catalog.model(required(options.model, file.model, "model"));
  report.workload.stack = &catalog.stack(required(options.stack, file.stack, "stack"));
  const std::string host = options.host.value_or(file.host.value_or(report.machine.gpu->host));
  report.machine.host = &catalog.host(host);
  const std::string versus = options.versus.value_or(file.versus.value_or(report.workload.stack->anchor));
  report.versus = &catalog.stack(versus);
  report.workload.batch = bounded(options.batch, "--batch", 1, kMaxBatch, file.batch.value_or(1));
  const std::optional<spec::ChainSpec> made = chain_from_flags(options);
  report.workload.chain =
      made ? &*made : &catalog.chain(options.chain.value_or(file.chain.value_or(kDefaultChain)));
  const std::unique_ptr<replay::Engine> engine = engine_of(options.engine);
  const metrics::SiOptions si = si_options(options);

  const auto start = std::chrono::steady_clock::now();
  const cost::StepCoster coster(*report.machine.gpu, *report.machine.host);
  replay::LoweredSteps steps(*report.workload.model, *report.workload.stack, report.workload.batch);
  replay::LoweredSteps anchor_steps(*report.workload.model, *report.versus, report.workload.batch);
  metrics::Workload anchor = report.workload;
  anchor.stack = report.versus;
  const bool same = report.versus->name == report.workload.stack->name;
  report.judged = metrics::judge(
      metrics::evaluate(report.machine, coster, report.workload, steps, *engine, metrics::TooBig::kLeave),
      metrics::evaluate(report.machine, coster, anchor, anchor_steps, *engine,
                        metrics::TooBig::kSimulateAnyway),
      same, si);
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.engine = std::string(engine->name());
  emit(options.common.json ? io::to_text(run_json(report)) : run_text(report), options.common.output);
  return 0;
}

}  // namespace

Action register_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "One scenario: is low precision worth it here?");
  command->add_option("scenario", options->file, "Scenario file (hopsim: scenario/1); flags override it");
  command->add_option("--gpu", options->gpu, "GPU name or profile file");
  command->add_option("--host", options->host, "Host name or file (default: the one of the GPU profile)");
  command->add_option("--model", options->model, "Model name, YAML, Hugging Face config.json, or dense@13b");
  command->add_option("--stack", options->stack, "Software stack, e.g. bnb/nf4");
  command->add_option("--versus", options->versus,
                      "16-bit stack to compare with (default: the stack's own anchor)");
  command->add_option("--batch", options->batch, "Sequences in lock-step (default 1)");
  command->add_option("--chain", options->chain,
                      fmt::format("Chain name or file (default {})", kDefaultChain));
  command->add_option("--hops", options->hops, "Instead of --chain: that many hops in a row");
  command->add_option("--prompt-tokens", options->prompt_tokens, "Prompt of the first hop (default 120)");
  command->add_option("--decode-tokens", options->decode_tokens, "Tokens decoded in each hop (default 200)");
  command->add_option("--engine", options->engine, "auto, folded or simgrid");
  command->add_option("--si-weights", options->si_weights, "Weights of trust, economic, environmental")
      ->delimiter(',');
  command->add_option("--si-mean", options->si_mean, "geometric or arithmetic");
  add_common(*command, options->common, "Write the result into this file");
  command->footer("Example:\n  hopsim run --gpu h100-80-sxm --model mistral-7b --stack bnb/nf4 --batch 1\n");
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
