// SPDX-License-Identifier: Apache-2.0
// Kernels per second of both engines, and how the cost of a point grows with layers, tokens, hops and batch.
#include <benchmark/benchmark.h>

#include "metrics/point.hpp"
#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"
#include "spec/catalog.hpp"

namespace hopsim {
namespace {

auto catalog() -> spec::Catalog { return spec::Catalog(spec::Library(HOPSIM_SOURCE_DIR)); }

void replay(benchmark::State& state, const replay::Engine& engine, const std::string& model, int hops,
            int tokens, int batch) {
  spec::Catalog specs = catalog();
  const spec::StackSpec& stack = specs.stack("hf-eager/bf16");
  const cost::StepCoster coster(specs.gpu("h100-80-sxm"), specs.host("reference"));
  replay::LoweredSteps steps(specs.model(model), stack, batch);
  const spec::ChainSpec chain = spec::line_chain(hops, 120, 0, tokens, 0);
  const replay::Schedule schedule = replay::build_schedule(chain, steps, coster);
  std::int64_t kernels = 0;
  for (auto _ : state) {
    kernels += engine.replay(schedule).kernels;
  }
  state.counters["kernels/s"] = benchmark::Counter(static_cast<double>(kernels), benchmark::Counter::kIsRate);
}

void folded(benchmark::State& state, const char* model, int hops, int tokens, int batch) {
  replay(state, replay::FoldedEngine(), model, hops, tokens, batch);
}

void simgrid(benchmark::State& state) { replay(state, replay::SimGridEngine(), "llama-3.1-8b", 1, 100, 1); }

// A whole point as a sweep does it on one machine after the other: costing, replay, metrics; lowering is
// shared.
void point(benchmark::State& state, const char* model, int hops, int tokens, int batch) {
  spec::Catalog specs = catalog();
  const spec::HostSpec& host = specs.host("reference");
  const std::vector<const spec::GpuSpec*> gpus = {&specs.gpu("h100-80-sxm"), &specs.gpu("b200-180-sxm")};
  const std::vector<cost::StepCoster> costers = {{*gpus[0], host}, {*gpus[1], host}};
  spec::ChainSpec chain = spec::line_chain(hops, 120, 0, tokens, 0);
  const metrics::Workload workload{&specs.model(model), &specs.stack("bnb/nf4"), &chain, batch};
  const metrics::RunChain run_chain(workload);
  replay::LoweredSteps steps(*workload.model, *workload.stack, workload.batch);
  const replay::FoldedEngine engine;
  std::size_t turn = 0;
  for (auto _ : state) {
    turn = 1 - turn;
    const metrics::Machine machine{gpus[turn], &host};
    benchmark::DoNotOptimize(metrics::evaluate(machine, costers[turn], workload, run_chain,
                                               metrics::place(machine, workload, run_chain), steps, engine,
                                               metrics::TooBig::kSimulateAnyway));
  }
  state.counters["points/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(folded, 8B_5_hops_200_tokens, "llama-3.1-8b", 5, 200, 1);
BENCHMARK_CAPTURE(folded, 0_6B, "qwen3-0.6b", 5, 200, 1);
BENCHMARK_CAPTURE(folded, 72B, "qwen2.5-72b", 5, 200, 1);
BENCHMARK_CAPTURE(folded, 50_hops, "llama-3.1-8b", 50, 200, 1);
BENCHMARK_CAPTURE(folded, 4000_tokens, "llama-3.1-8b", 5, 4000, 1);
BENCHMARK_CAPTURE(folded, batch_256, "llama-3.1-8b", 5, 200, 256);
BENCHMARK(simgrid)->Unit(benchmark::kMillisecond)->UseRealTime();  // the work is in a child process
BENCHMARK_CAPTURE(point, 8B_5_hops_200_tokens, "llama-3.1-8b", 5, 200, 1);
BENCHMARK_CAPTURE(point, 0_6B, "qwen3-0.6b", 5, 200, 1);
BENCHMARK_CAPTURE(point, 72B, "qwen2.5-72b", 5, 200, 1);
BENCHMARK_CAPTURE(point, 50_hops, "llama-3.1-8b", 50, 200, 1);
BENCHMARK_CAPTURE(point, 4000_tokens, "llama-3.1-8b", 5, 4000, 1);
BENCHMARK_CAPTURE(point, batch_256, "llama-3.1-8b", 5, 200, 256);

}  // namespace
}  // namespace hopsim

BENCHMARK_MAIN();
