// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "app/command.hpp"
#include "app/explain_text.hpp"
#include "app/scenario.hpp"
#include "base/errors.hpp"
#include "io/json.hpp"
#include "replay/folded/folded_engine.hpp"

namespace hopsim::app {

namespace {

constexpr const char* kExplanation =
    "Each part is a Shapley value: what a cause adds when it joins the others, averaged over all orders.\n"
    "The parts add up to the whole. The causes, each taken from 16 bit or from the stack:\n"
    "  weight_bytes       bytes of the matrix products (weights read as they are stored)\n"
    "  dequant_traffic    dequantising kernels, and the 16-bit weights that a product reads after them\n"
    "  quant_kernels      kernels that quantise activations\n"
    "  kernel_efficiency  another kernel family for the products, at the same bytes\n"
    "  host_dispatch      host time of launches and calls, synchronisations, graphs\n"
    "  other_kernels      attention, KV format, small kernels; operators that only one side has, as where\n"
    "                     one fuses what the other does not\n"
    "  token_inflation    more tokens\n"
    "  gaps               energy only: the board while no kernel runs\n"
    "  accuracy           energy per right answer only\n"
    "  more_gpus          with --gpus min only: 16 bit on the stack's number of GPUs and not on its\n"
    "                     own; the other causes share what is left";

struct ExplainOptions {
  CommonOptions common;
  ScenarioOptions scenario;
};

int explain(const ExplainOptions& options) {
  const Scenario scenario(options.scenario);
  if (scenario.is_anchor()) {
    throw InputError(
        Location{},
        fmt::format("'{}' is the 16-bit anchor itself: there is nothing to explain", scenario.versus().name),
        "--stack of low precision, or --versus another 16-bit stack");
  }
  RunReport report;
  report.machine = scenario.machine();
  report.workload = scenario.workload();
  report.versus = &scenario.versus();
  report.law = scenario.precision_law();
  const auto start = std::chrono::steady_clock::now();
  const cost::StepCoster coster(*report.machine.gpu, *report.machine.host);
  const replay::FoldedEngine engine;
  report.judged = judged(scenario, coster, engine, {});
  std::optional<metrics::Explanation> explained;
  if (report.judged.point.feasible() && report.judged.anchor.simulated) {
    explained = metrics::explain(report.machine, coster, report.workload, *report.versus, engine,
                                 {report.judged.point.place.gpus, report.judged.anchor.place.gpus});
  }
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.engine = std::string(engine.name());
  const metrics::Explanation* found = explained ? &*explained : nullptr;
  emit(options.common.json    ? io::to_text(explain_json(report, found))
       : options.common.quiet ? explain_line(report, found)
                              : explain_text(report, found, style_of(options.common)),
       options.common.output);
  return 0;
}

}  // namespace

Action register_explain(CLI::App& app) {
  auto options = std::make_shared<ExplainOptions>();
  Command command(app, "explain", "Why a scenario's time and energy differ from 16 bit");
  add_scenario(command, options->scenario);
  add_common(command, options->common, "Write the result into this file");
  set_examples(command, kExplanation,
               {"hopsim explain --gpu rtx-4090 --model llama-3.1-8b --stack bnb/nf4@0.45 --batch 8",
                "hopsim explain --gpu h100-80-sxm --model mistral-7b --stack bnb/llm-int8 --quiet",
                "hopsim explain --gpu h100-80-sxm --model mistral-7b --stack vllm/fp8 --batch 64 --json"});
  return [options] { return explain(*options); };
}

}  // namespace hopsim::app
