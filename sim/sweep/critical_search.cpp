// SPDX-License-Identifier: Apache-2.0
#include "sweep/critical_search.hpp"

#include <cmath>
#include <map>

#include "base/errors.hpp"

namespace hopsim::sweep {

namespace {

constexpr int kSizes = 24;  // sizes at which the curve over N is sampled before roots are refined
constexpr double kReferenceParams = 8e9;  // where the closed form of the literature takes its casting time

// A model at a batch with the bench that evaluates it; made once per abscissa and kept while a unit runs.
struct Stand {
  spec::ModelSpec model;
  Bench bench;
  Stand(const Specs& specs, const std::vector<spec::StackSpec>& stacks, spec::ModelSpec m, int batch)
      : model(std::move(m)), bench(specs, stacks, model, batch) {}
};

struct Ratios {
  std::array<double, kEqualCount> log_ratio{};
};

// log(q / 16 bit) of one pair on one machine, all criteria from the same two replays.
class PairCurve {
 public:
  using StandAt = std::function<Stand&(double)>;

  PairCurve(std::size_t machine, std::size_t stack, std::size_t anchor, std::size_t chain, StandAt stand_at)
      : machine_(machine), stack_(stack), anchor_(anchor), chain_(chain), stand_at_(std::move(stand_at)) {}

  [[nodiscard]] std::optional<double> at(double x, Equal what) {
    auto found = known_.find(x);
    if (found == known_.end()) {
      found = known_.emplace(x, compute(x)).first;
    }
    return found->second ? std::optional(found->second->log_ratio[static_cast<std::size_t>(what)])
                         : std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<Ratios> compute(double x) {
    Stand& stand = stand_at_(x);
    const metrics::PointResult q = stand.bench.evaluate(machine_, stack_, chain_);
    if (!q.feasible()) {
      return std::nullopt;
    }
    const metrics::PointResult anchor = stand.bench.evaluate(machine_, anchor_, chain_);
    if (!anchor.simulated) {
      return std::nullopt;
    }
    Ratios out;
    out.log_ratio = {std::log(q.performance.latency_s / anchor.performance.latency_s),
                     std::log(q.performance.energy_j / anchor.performance.energy_j),
                     std::log(q.performance.j_per_correct / anchor.performance.j_per_correct)};
    return out;
  }

  std::size_t machine_, stack_, anchor_, chain_;
  StandAt stand_at_;
  std::map<double, std::optional<Ratios>> known_;
};

auto log_grid(double low, double high, int count) -> std::vector<double> {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) {
    out.push_back(low * std::pow(high / low, static_cast<double>(i) / (count - 1)));
  }
  out.back() = high;  // not a rounding error above it
  return out;
}

}  // namespace

CriticalSearch::CriticalSearch(const spec::ExperimentSpec& experiment, const Specs& specs)
    : x_(experiment), specs_(specs) {
  for (std::size_t stack = 0; stack < x_.stacks.size(); ++stack) {
    if (specs_.anchor[stack] == stack) {
      continue;
    }
    for (std::size_t batch = 0; batch < x_.batches.size(); ++batch) {
      units_.push_back({true, stack, batch});
    }
    for (std::size_t model = 0; model < x_.models.size(); ++model) {
      units_.push_back({false, stack, model});
    }
  }
  rows_.resize(units_.size());
}

void CriticalSearch::run_unit(std::size_t unit, const std::vector<spec::StackSpec>& stacks) {
  if (units_[unit].along_params) {
    along_params(units_[unit], stacks, rows_[unit]);
  } else {
    along_batch(units_[unit], stacks, rows_[unit]);
  }
}

void CriticalSearch::along_params(const Unit& unit, const std::vector<spec::StackSpec>& stacks,
                                  std::vector<CriticalRow>& out) const {
  const int batch = x_.batches[unit.at];
  const std::vector<double> grid = log_grid(x_.critical_params_low, x_.critical_params_high, kSizes);
  std::map<double, Stand> stands;
  const auto stand_at = [&](double params) -> Stand& {
    const auto found = stands.find(params);
    return found != stands.end()
               ? found->second
               : stands.try_emplace(params, specs_, stacks, spec::dense_model(params), batch).first->second;
  };
  const std::size_t anchor = specs_.anchor[unit.stack];
  for (std::size_t machine = 0; machine < specs_.machines.size(); ++machine) {
    for (std::size_t chain = 0; chain < specs_.chains.size(); ++chain) {
      PairCurve curve(machine, unit.stack, anchor, chain, stand_at);
      const metrics::PointResult reference =
          stand_at(kReferenceParams).bench.evaluate(machine, unit.stack, chain);
      for (std::size_t e = 0; e < kEqualCount; ++e) {
        CriticalRow row;
        row.gpu = machine / specs_.hosts;
        row.host = machine % specs_.hosts;
        row.host_name = specs_.machines[machine].host->name;
        row.stack = unit.stack;
        row.chain = chain;
        row.batch = batch;
        row.versus = specs_.stacks[anchor]->name;
        row.equal = static_cast<Equal>(e);
        row.points = metrics::crossings_along([&](double x) { return curve.at(x, row.equal); }, grid);
        if (!reference.supported) {
          row.points.outcome = metrics::CriticalPoints::Outcome::kNotSupported;
        }
        if (reference.simulated) {
          row.literature_params = metrics::literature_critical_params(
              reference.performance.casting_s() / static_cast<double>(reference.performance.steps),
              specs_.machines[machine].gpu->hbm_gb_s * 1e9, batch, specs_.stacks[unit.stack]->bits);
        }
        out.push_back(std::move(row));
      }
    }
  }
}

void CriticalSearch::along_batch(const Unit& unit, const std::vector<spec::StackSpec>& stacks,
                                 std::vector<CriticalRow>& out) const {
  std::map<int, Stand> stands;
  const auto stand_at = [&](double x) -> Stand& {
    const int batch = static_cast<int>(x);
    const auto found = stands.find(batch);
    return found != stands.end()
               ? found->second
               : stands.try_emplace(batch, specs_, stacks, *specs_.models[unit.at], batch).first->second;
  };
  const std::size_t anchor = specs_.anchor[unit.stack];
  for (std::size_t machine = 0; machine < specs_.machines.size(); ++machine) {
    for (std::size_t chain = 0; chain < specs_.chains.size(); ++chain) {
      const metrics::PointResult first =
          stand_at(x_.batches.front()).bench.evaluate(machine, unit.stack, chain);
      PairCurve curve(machine, unit.stack, anchor, chain, stand_at);
      for (std::size_t e = 0; e < kEqualCount; ++e) {
        CriticalRow row;
        row.along_params = false;
        row.gpu = machine / specs_.hosts;
        row.host = machine % specs_.hosts;
        row.host_name = specs_.machines[machine].host->name;
        row.stack = unit.stack;
        row.chain = chain;
        row.model = unit.at;
        row.versus = specs_.stacks[anchor]->name;
        row.equal = static_cast<Equal>(e);
        row.points =
            metrics::crossings_along_integers([&](double x) { return curve.at(x, row.equal); }, x_.batches);
        if (!first.supported) {
          row.points.outcome = metrics::CriticalPoints::Outcome::kNotSupported;
        }
        out.push_back(std::move(row));
      }
    }
  }
}

std::vector<CriticalRow> CriticalSearch::take_rows() {
  std::vector<CriticalRow> out;
  for (std::vector<CriticalRow>& some : rows_) {
    out.insert(out.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return out;
}

}  // namespace hopsim::sweep
