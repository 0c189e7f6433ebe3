// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep.hpp"

#include <atomic>
#include <chrono>
#include <cmath>

#include "base/errors.hpp"
#include "sweep/bench.hpp"
#include "sweep/critical_search.hpp"
#include "sweep/workers.hpp"

namespace hopsim::sweep {

namespace {

using Clock = std::chrono::steady_clock;

auto seconds_since(Clock::time_point start) -> double {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class PointSweep {
 public:
  PointSweep(const spec::ExperimentSpec& experiment, const Specs& specs, const Options& options)
      : x_(experiment), specs_(specs), options_(options), rows_(experiment.points()) {}

  [[nodiscard]] std::size_t units() const { return x_.models.size() * x_.batches.size(); }

  // One model at one batch: lowered once for all machines and chains.
  void run_unit(std::size_t unit, const std::vector<spec::StackSpec>& stacks) {
    const std::size_t model = unit / x_.batches.size();
    const std::size_t batch = unit % x_.batches.size();
    Bench bench(specs_, stacks, *specs_.models[model], x_.batches[batch]);
    std::int64_t kernels = 0;
    for (std::size_t machine = 0; machine < specs_.machines.size(); ++machine) {
      for (std::size_t chain = 0; chain < specs_.chains.size(); ++chain) {
        std::vector<metrics::PointResult> results;
        for (std::size_t stack = 0; stack < specs_.stacks.size(); ++stack) {
          results.push_back(bench.evaluate(machine, stack, chain));
          kernels += results.back().performance.kernels;
        }
        for (std::size_t stack = 0; stack < x_.stacks.size(); ++stack) {
          store(machine, model, batch, chain, stack, results);
        }
      }
    }
    kernels_ += kernels;
  }

  [[nodiscard]] std::vector<Row> take_rows() { return std::move(rows_); }
  [[nodiscard]] std::int64_t kernels() const { return kernels_; }

 private:
  void store(std::size_t machine, std::size_t model, std::size_t batch, std::size_t chain, std::size_t stack,
             const std::vector<metrics::PointResult>& results) {
    Row row;
    row.gpu = machine / specs_.hosts;
    row.host = machine % specs_.hosts;
    row.model = model;
    row.stack = stack;
    row.chain = chain;
    row.batch = x_.batches[batch];
    row.host_name = specs_.machines[machine].host->name;
    const std::size_t anchor = specs_.anchor[stack];
    row.versus = specs_.stacks[anchor]->name;
    row.params = specs_.models[model]->params();
    row.judged = metrics::judge(results[stack], results[anchor], stack == anchor, options_.si);
    const std::size_t index =
        ((((row.gpu * x_.hosts.size() + row.host) * x_.models.size() + model) * x_.stacks.size() + stack) *
             x_.chains.size() +
         chain) *
            x_.batches.size() +
        batch;
    rows_[index] = std::move(row);
  }

  const spec::ExperimentSpec& x_;
  const Specs& specs_;
  const Options& options_;
  std::vector<Row> rows_;
  std::atomic<std::int64_t> kernels_{0};
};

}  // namespace

std::string_view to_text(Equal what) {
  switch (what) {
    case Equal::kLatency:
      return "latency";
    case Equal::kEnergy:
      return "energy";
    case Equal::kEnergyPerCorrect:
      return "energy_per_correct";
  }
  throw InternalError("unknown criterion");
}

Result run(const spec::ExperimentSpec& experiment, spec::Catalog& catalog, const Options& options) {
  const Specs specs = look_up(experiment, catalog);
  const WorkerStacks stacks(specs, options.jobs);
  PointSweep points(experiment, specs, options);
  CriticalSearch critical(experiment, specs);
  const std::size_t all = points.units() + (options.critical ? critical.units() : 0);
  const auto progress_from = [&](std::size_t before) {
    return [&options, all, before](std::size_t done, std::size_t) {
      if (options.progress) {
        options.progress(before + done, all);
      }
    };
  };
  Result out;
  const auto start = Clock::now();
  for_each_unit(
      points.units(), options.jobs,
      [&](std::size_t unit, std::size_t worker) { points.run_unit(unit, stacks.of(worker)); },
      progress_from(0));
  out.points_wall_s = seconds_since(start);
  if (options.critical) {
    const auto critical_start = Clock::now();
    for_each_unit(
        critical.units(), options.jobs,
        [&](std::size_t unit, std::size_t worker) { critical.run_unit(unit, stacks.of(worker)); },
        progress_from(points.units()));
    out.critical_wall_s = seconds_since(critical_start);
    out.critical = critical.take_rows();
  }
  out.rows = points.take_rows();
  out.kernels = points.kernels();
  return out;
}

}  // namespace hopsim::sweep
