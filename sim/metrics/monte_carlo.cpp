// SPDX-License-Identifier: Apache-2.0
#include "metrics/monte_carlo.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <numeric>
#include <thread>
#include <vector>

#include "base/errors.hpp"
#include "replay/folded/folded_engine.hpp"

namespace hopsim::metrics {

namespace {

struct Columns {
  std::vector<double> latency_s, energy_j, tokens;
  explicit Columns(std::size_t n) : latency_s(n), energy_j(n), tokens(n) {}
};

// The samples first, first + stride, ... of one stack. Expressions of a stack are not shared between threads.
void run_samples(const Machine& machine, const cost::StepCoster& coster, const Workload& workload, int gpus,
                 const Sampling& sampling, std::size_t first, std::size_t stride, Columns& out) {
  const spec::StackSpec stack = *workload.stack;
  replay::LoweredSteps steps(*workload.model, stack, workload.batch, gpus);
  const replay::FoldedEngine engine;
  const Quality quality = quality_of(workload);
  const spec::ChainSpec expected = spec::inflated(*workload.chain, quality.token_inflation);
  for (std::size_t i = first; i < out.latency_s.size(); i += stride) {
    const spec::ChainSpec chain = spec::drawn(expected, sampling.seed, i);
    const Performance p = performance(engine.replay(replay::build_schedule(chain, steps, coster)),
                                      *machine.gpu, chain, workload.batch, quality, gpus);
    out.latency_s[i] = p.latency_s;
    out.energy_j[i] = p.energy_j;
    out.tokens[i] = p.tokens;
  }
}

// Runs work(worker) for every worker, and passes on what the first of them threw.
void in_parallel(std::size_t workers, const std::function<void(std::size_t)>& work) {
  std::vector<std::exception_ptr> failed(workers);
  std::vector<std::thread> threads;
  for (std::size_t w = 0; w < workers; ++w) {
    threads.emplace_back([&, w] {
      try {
        work(w);
      } catch (...) {
        failed[w] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::exception_ptr& one : failed) {
    if (one) {
      std::rethrow_exception(one);
    }
  }
}

auto scaled_by(Spread s, double factor) -> Spread {
  return {s.mean * factor, s.standard_error * factor, s.low * factor, s.high * factor};
}

auto summary(const Columns& columns, const Workload& workload) -> SampledStack {
  SampledStack out{spread_of(columns.latency_s), spread_of(columns.energy_j), spread_of(columns.tokens), {}};
  if (const std::optional<double> ratio = quality_of(workload).accuracy_ratio) {
    const double right = std::min(1.0, workload.chain->accuracy_16bit * *ratio) * workload.batch;
    out.j_per_correct = scaled_by(out.energy_j, 1 / right);
  }
  return out;
}

}  // namespace

Spread spread_of(std::vector<double> samples) {
  HOPSIM_CHECK(samples.size() >= 2, "a spread needs two samples");
  const auto n = static_cast<double>(samples.size());
  Spread out;
  out.mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
  const double squares = std::accumulate(samples.begin(), samples.end(), 0.0, [&](double sum, double x) {
    return sum + (x - out.mean) * (x - out.mean);
  });
  out.standard_error = std::sqrt(squares / (n - 1) / n);
  const auto at = [&](double share) {
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * n)) - 1;
    std::nth_element(samples.begin(), samples.begin() + rank, samples.end());
    return samples[static_cast<std::size_t>(rank)];
  };
  out.low = at(0.05);
  out.high = at(0.95);
  return out;
}

MonteCarlo monte_carlo(const Machine& machine, const cost::StepCoster& coster, const Workload& q,
                       const spec::StackSpec& anchor, const Sampling& sampling, RunsOn gpus) {
  const auto n = static_cast<std::size_t>(sampling.samples);
  const std::size_t workers = std::clamp<std::size_t>(static_cast<std::size_t>(sampling.workers), 1, n);
  Workload at_anchor = q;
  at_anchor.stack = &anchor;
  Columns of_q(n);
  Columns of_anchor(n);
  in_parallel(workers, [&](std::size_t worker) {
    run_samples(machine, coster, q, gpus.q, sampling, worker, workers, of_q);
    run_samples(machine, coster, at_anchor, gpus.anchor, sampling, worker, workers, of_anchor);
  });
  std::vector<double> ratios(n);
  std::transform(of_q.energy_j.begin(), of_q.energy_j.end(), of_anchor.energy_j.begin(), ratios.begin(),
                 [](double a, double b) { return a / b; });
  return {summary(of_q, q), summary(of_anchor, at_anchor), spread_of(std::move(ratios))};
}

}  // namespace hopsim::metrics
