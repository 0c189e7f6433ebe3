// SPDX-License-Identifier: Apache-2.0
#include "sweep/critical_elasticity.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>

#include "base/errors.hpp"
#include "replay/folded/folded_engine.hpp"
#include "sweep/elasticity.hpp"

namespace hopsim::sweep {

namespace {

constexpr double kNothing = 0.01;

// A crossing of the profiles as they are, with the slope of its curve there.
struct Root {
  std::size_t gpu = 0;  // of the experiment
  CriticalRow row;      // place and criterion
  double params = 0;
  bool trap_below = false;
  double slope = 0;  // dr / d ln N
};

auto numbers_to(std::size_t end) -> std::vector<std::size_t> {
  std::vector<std::size_t> out(end);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

// r at a size; nothing where one of the two does not run.
auto ratio_at(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine,
              const CriticalRow& at, std::size_t gpu, std::size_t variant, double params)
    -> std::optional<double> {
  const spec::ModelSpec model = spec::dense_model(params);
  Bench bench(plan, stacks, engine, model, at.batch);
  const std::size_t machine = plan.machine(gpu, at.host, variant);
  const std::size_t chain = plan.chain(at.chain, variant);
  const metrics::PointResult q = bench.evaluate(machine, plan.stack(at.stack, variant), chain);
  const metrics::PointResult anchor = bench.evaluate(machine, plan.anchor(at.stack), chain);
  if (!q.simulated || !anchor.simulated) {
    return std::nullopt;
  }
  return log_ratios(q.performance, anchor.performance)[static_cast<std::size_t>(at.equal)];
}

// Where a side does not run, the crossing itself takes its place.
auto slope_at(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine,
              const CriticalRow& row, double params) -> double {
  double low = std::max(params / kSizeStep, plan.experiment().critical_params_low);
  double high = std::min(params * kSizeStep, plan.experiment().critical_params_high);
  std::optional<double> below = ratio_at(plan, stacks, engine, row, row.gpu, row.variant, low);
  std::optional<double> above = ratio_at(plan, stacks, engine, row, row.gpu, row.variant, high);
  if (!below) {
    low = params;
    below = ratio_at(plan, stacks, engine, row, row.gpu, row.variant, low);
  }
  if (!above) {
    high = params;
    above = ratio_at(plan, stacks, engine, row, row.gpu, row.variant, high);
  }
  return below && above && high > low ? (*above - *below) / std::log(high / low) : 0;
}

// N* of the profiles as they are, for latency and energy: roots, and rows that say why there is none.
class Search {
 public:
  Search(const Plan& plan, Pool& pool, const replay::Engine& engine) {
    const CriticalSearch search(plan);
    std::vector<std::vector<CriticalRow>> found(plan.experiment().batches.size());
    const MakeWork make_work = [&]() -> Work {
      const auto stacks = std::make_shared<StackCopies>(copy_stacks(plan));
      return [&, stacks](std::size_t unit) { return to_bytes(search.run_unit(unit, *stacks, engine)); };
    };
    // The first units are those along N, one a batch.
    pool.run(numbers_to(found.size()), make_work,
             [&](std::size_t unit, const std::string& bytes) { found[unit] = rows_of(bytes); });
    const StackCopies stacks = copy_stacks(plan);
    for (const std::vector<CriticalRow>& rows : found) {
      for (const CriticalRow& row : rows) {
        take(plan, stacks, engine, row);
      }
    }
  }

  std::vector<Root> roots;
  std::vector<CriticalRow> without;

 private:
  void take(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine,
            const CriticalRow& row) {
    if (row.equal == Equal::kEnergyPerCorrect) {
      return;
    }
    for (const metrics::Crossing& crossing : row.points.crossings) {
      roots.push_back(
          {row.gpu, row, crossing.at, crossing.trap_below, slope_at(plan, stacks, engine, row, crossing.at)});
    }
    if (row.points.crossings.empty()) {
      without.push_back(row);
    }
  }
};

// By root of the field's GPU, in their order.
auto answer(const SteppedField& field, const Plan& stated, const std::vector<Root>& roots,
            const replay::Engine& engine) -> std::vector<double> {
  const StackCopies stacks = copy_stacks(*field.plan);
  std::vector<double> out;
  for (const Root& root : roots) {
    if (stated.experiment().gpus[root.gpu] != field.gpu) {
      continue;
    }
    const auto low = ratio_at(*field.plan, stacks, engine, root.row, 0, 0, root.params);
    const auto high = ratio_at(*field.plan, stacks, engine, root.row, 0, 1, root.params);
    const bool known = low && high && root.slope != 0;
    out.push_back(known ? -(*high - *low) / (2 * std::log(kFieldStep)) / root.slope : 0);
  }
  return out;
}

auto row_of(const Plan& plan, const CriticalRow& row) -> CriticalElasticity {
  const spec::ExperimentSpec& x = plan.experiment();
  CriticalElasticity out;
  out.gpu = x.gpus[row.gpu];
  out.host = plan.machines()[plan.machine(row.gpu, row.host, row.variant)].host->name;
  out.stack = x.stacks[row.stack];
  out.chain = x.chains[row.chain];
  out.batch = row.batch;
  out.equal = row.equal;
  out.outcome = row.points.outcome;
  return out;
}

void check(const spec::ExperimentSpec& experiment) {
  if (!experiment.seeks_critical()) {
    throw InputError(Location{}, "the experiment seeks no N*",
                     "critical: {lowest_params_b: 0.4, highest_params_b: 100} in its file");
  }
}

}  // namespace

std::vector<CriticalElasticity> critical_elasticities(
    const spec::ExperimentSpec& experiment, spec::Catalog& catalog, Pool& pool,
    const std::function<void(std::size_t, std::size_t)>& progress) {
  check(experiment);
  const replay::FoldedEngine engine;
  const Plan plan(without_variants(experiment), catalog);
  const Search search(plan, pool, engine);
  const std::vector<SteppedField> asked = stepped_fields(experiment, catalog);
  std::vector<std::vector<CriticalElasticity>> by_root(search.roots.size());
  std::size_t done = 0;
  const MakeWork make_work = [&]() -> Work {
    return [&](std::size_t unit) {
      const std::vector<double> one = answer(asked[unit], plan, search.roots, engine);
      return std::string(reinterpret_cast<const char*>(one.data()), one.size() * sizeof(double));
    };
  };
  pool.run(numbers_to(asked.size()), make_work, [&](std::size_t unit, const std::string& bytes) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < search.roots.size(); ++i) {
      const Root& root = search.roots[i];
      if (experiment.gpus[root.gpu] != asked[unit].gpu) {
        continue;
      }
      HOPSIM_CHECK(at + sizeof(double) <= bytes.size(), "elasticities are cut short");
      CriticalElasticity row = row_of(plan, root.row);
      row.params = root.params;
      row.trap_below = root.trap_below;
      row.field = asked[unit].field;
      std::memcpy(&row.elasticity, bytes.data() + at, sizeof(double));
      at += sizeof(double);
      if (std::abs(row.elasticity) >= kNothing) {
        by_root[i].push_back(std::move(row));
      }
    }
    progress(++done, asked.size());
  });
  std::vector<CriticalElasticity> out;
  for (std::size_t i = 0; i < by_root.size(); ++i) {
    std::vector<CriticalElasticity>& rows = by_root[i];
    if (rows.empty()) {  // nothing moves it
      CriticalElasticity row = row_of(plan, search.roots[i].row);
      row.params = search.roots[i].params;
      row.trap_below = search.roots[i].trap_below;
      rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end(), [](const CriticalElasticity& a, const CriticalElasticity& b) {
      const double x = std::abs(a.elasticity);
      const double y = std::abs(b.elasticity);
      return x != y ? x > y : a.field < b.field;
    });
    std::move(rows.begin(), rows.end(), std::back_inserter(out));
  }
  for (const CriticalRow& row : search.without) {
    out.push_back(row_of(plan, row));
  }
  return out;
}

}  // namespace hopsim::sweep
