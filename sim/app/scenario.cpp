// SPDX-License-Identifier: Apache-2.0
#include "app/scenario.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/errors.hpp"
#include "io/object_reader.hpp"
#include "spec/scenario.hpp"

namespace hopsim::app {

namespace {

constexpr const char* kDefaultChain = "gsm8k-5x200";
constexpr int kMaxBatch = 65536;
constexpr int kMaxHops = 10'000;
constexpr int kMaxTokens = 10'000'000;

auto required(const std::optional<std::string>& flag, const std::optional<std::string>& file,
              const char* name) -> std::string {
  if (flag) {
    return *flag;
  }
  if (file) {
    return *file;
  }
  throw InputError(
      Location{}, fmt::format("no {} given", name),
      fmt::format("--{} NAME, or '{}:' in a scenario file; see hopsim list {}s", name, name, name));
}

// A line of hops from the flags, or nothing when none of them was given.
auto chain_from_flags(const ScenarioOptions& options) -> std::optional<spec::ChainSpec> {
  if (!options.hops && !options.prompt_tokens && !options.decode_tokens) {
    return std::nullopt;
  }
  if (options.chain) {
    throw InputError(Location{}, "--chain and --hops, --prompt-tokens, --decode-tokens exclude each other",
                     "give one of the two");
  }
  spec::ChainSpec out =
      spec::line_chain(bounded(options.hops, "--hops", 1, kMaxHops, 1),
                       bounded(options.prompt_tokens, "--prompt-tokens", 1, kMaxTokens, 120), 0,
                       bounded(options.decode_tokens, "--decode-tokens", 1, kMaxTokens, 200), 0);
  out.source = {Provenance::kAssumed, "command line"};
  out.accuracy_source = {Provenance::kAssumed, "taken as 1"};
  return out;
}

auto asked_law(const std::string& tokens, const spec::Library& library) -> AskedLaw {
  const std::optional<double> number = io::parse_number(tokens);
  if (!number || *number < 1e6 || *number > 1e16) {
    throw InputError(Location{}, fmt::format("--training-tokens {} is no number of tokens", tokens),
                     "1e6 to 1e16, as 15e12");
  }
  return {spec::load_precision_law(library.precision_law_path()), *number};
}

}  // namespace

// Strict decimal: CLI11 would take 010 for eight.
int bounded(const std::optional<std::string>& text, const char* flag, int low, int high, int otherwise) {
  if (!text) {
    return otherwise;
  }
  int x = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), x);
  const bool whole = error != std::errc::invalid_argument && end == text->data() + text->size();
  if (!whole || error != std::errc{} || x < low || x > high) {
    throw InputError(Location{},
                     fmt::format("{} {} is {}", flag, *text, whole ? "out of range" : "no whole number"),
                     fmt::format("allowed: {} to {}", low, high));
  }
  return x;
}

Scenario::Scenario(const ScenarioOptions& options) : catalog_(spec::Library::standard()) {
  const spec::ScenarioSpec file = options.file ? spec::load_scenario(*options.file) : spec::ScenarioSpec{};
  machine_.gpu = &catalog_.gpu(required(options.gpu, file.gpu, "gpu"));
  workload_.model = &catalog_.model(required(options.model, file.model, "model"));
  workload_.stack = &catalog_.stack(required(options.stack, file.stack, "stack"));
  machine_.host = &catalog_.host(options.host.value_or(file.host.value_or(machine_.gpu->host)));
  machine_.gpus = options.gpus ? spec::parse_gpu_count(*options.gpus) : file.gpus.value_or(spec::GpuCount{});
  const std::string versus = options.versus.value_or(file.versus.value_or(workload_.stack->anchor));
  versus_ = &catalog_.stack(versus);
  if (versus_->bits != 16) {
    throw InputError(Location{}, fmt::format("'{}' is no 16-bit stack to compare with", versus),
                     "--versus takes a stack of 16 bit");
  }
  workload_.batch = bounded(options.batch, "--batch", 1, kMaxBatch, file.batch.value_or(1));
  chain_from_flags_ = chain_from_flags(options);
  workload_.chain = chain_from_flags_
                        ? &*chain_from_flags_
                        : &catalog_.chain(options.chain.value_or(file.chain.value_or(kDefaultChain)));
  if (options.training_tokens) {
    law_ = asked_law(*options.training_tokens, catalog_.library());
    workload_.loss_factor = law_->law.loss_factor(law_->training_tokens);
  }
}

void add_scenario(Command& command, ScenarioOptions& options) {
  command.add_option("scenario", &options.file, "Scenario file (hopsim: scenario/1); flags override it")
      .type_name("FILE");
  command.add_option("--gpu", &options.gpu, "GPU name or profile file").type_name("GPU");
  command
      .add_option(
          "--gpus", &options.gpus,
          "Tensor parallel over 1, 2, 4, 8 of them, or min: the fewest that hold it, for 16 bit as for "
          "the stack (default 1)")
      .type_name("N|min");
  command.add_option("--host", &options.host, "Host name or file (default: the one of the GPU profile)")
      .type_name("HOST");
  command.add_option("--model", &options.model, "Model name, YAML, Hugging Face config.json, or dense@13b")
      .type_name("MODEL");
  command.add_option("--stack", &options.stack, "Software stack, e.g. bnb/nf4").type_name("STACK");
  command
      .add_option("--versus", &options.versus,
                  "16-bit stack to compare with (default: the stack's own anchor)")
      .type_name("STACK");
  command.add_option("--batch", &options.batch, "Sequences in lock-step (default 1)").type_name("N");
  command.add_option("--chain", &options.chain, fmt::format("Chain name or file (default {})", kDefaultChain))
      .type_name("CHAIN");
  command.add_option("--hops", &options.hops, "Instead of --chain: that many hops in a row").type_name("N");
  command.add_option("--prompt-tokens", &options.prompt_tokens, "Prompt of the first hop (default 120)")
      .type_name("N");
  command.add_option("--decode-tokens", &options.decode_tokens, "Tokens decoded in each hop (default 200)")
      .type_name("N");
  command
      .add_option("--training-tokens", &options.training_tokens,
                  "Accuracy of a model trained on that many tokens, as 36e12, by the precision scaling law "
                  "(extrapolated)")
      .type_name("X");
}

metrics::JudgedPoint judged(const Scenario& scenario, const cost::StepCoster& coster,
                            const replay::Engine& engine, const metrics::SiOptions& si) {
  return judged_on(scenario, scenario.machine(), coster, *scenario.workload().stack, engine, si);
}

metrics::JudgedPoint judged_on(const Scenario& scenario, const metrics::Machine& machine,
                               const cost::StepCoster& coster, const spec::StackSpec& stack,
                               const replay::Engine& engine, const metrics::SiOptions& si) {
  metrics::Workload workload = scenario.workload();
  workload.stack = &stack;
  metrics::Workload anchor = workload;
  anchor.stack = &scenario.versus();
  return metrics::judge(metrics::evaluate(machine, coster, workload, engine, metrics::TooBig::kLeave),
                        metrics::evaluate(machine, coster, anchor, engine, metrics::TooBig::kSimulateAnyway),
                        scenario.is_anchor(), si);
}

}  // namespace hopsim::app
