// SPDX-License-Identifier: Apache-2.0
#include "sweep/critical_search.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <tuple>

#include "base/errors.hpp"

namespace hopsim::sweep {

namespace {

constexpr int kSizes = 16;  // sizes at which the curve over N is sampled before roots are refined
constexpr double kReferenceParams = 8e9;  // where the closed form of the literature takes its casting time

// A model at a batch with the bench that evaluates it; made once per abscissa and kept while a unit runs.
class Stand {
 public:
  Stand(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine, spec::ModelSpec model,
        int batch)
      : model_(std::move(model)), bench_(plan, stacks, engine, model_, batch) {}

  [[nodiscard]] metrics::PointResult evaluate(std::size_t machine, std::size_t stack, std::size_t chain) {
    return bench_.evaluate(machine, stack, chain);
  }
  [[nodiscard]] bool runs(std::size_t machine, std::size_t stack, std::size_t chain,
                          metrics::TooBig too_big) {
    return bench_.runs(machine, stack, chain, too_big);
  }
  /// The same, kept: several stacks are compared with one anchor.
  [[nodiscard]] const metrics::PointResult& anchor(std::size_t machine, std::size_t stack,
                                                   std::size_t chain) {
    const auto found = anchors_.find({machine, stack, chain});
    return found != anchors_.end()
               ? found->second
               : anchors_.emplace(std::tuple{machine, stack, chain}, evaluate(machine, stack, chain))
                     .first->second;
  }

 private:
  spec::ModelSpec model_;
  Bench bench_;
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, metrics::PointResult> anchors_;
};

// log(q / 16 bit) of one pair on one machine, all criteria from the same two replays.
class PairCurve {
 public:
  using StandAt = std::function<Stand&(double)>;
  using KnownAt = std::function<std::optional<PairRatios>(double)>;

  PairCurve(std::size_t machine, std::size_t stack, std::size_t anchor, std::size_t chain, StandAt stand_at,
            KnownAt known_at = {})
      : machine_(machine),
        stack_(stack),
        anchor_(anchor),
        chain_(chain),
        stand_at_(std::move(stand_at)),
        known_at_(std::move(known_at)) {}

  [[nodiscard]] bool supported(double x) { return ratios(x).supported; }

  [[nodiscard]] metrics::Curve of(Equal what) {
    return {[this, what](double x) { return at(x, what); }, [this](double x) { return runs(x); }};
  }

 private:
  [[nodiscard]] std::optional<double> at(double x, Equal what) {
    const std::optional<LogRatios>& log = ratios(x).log;
    return log ? (*log)[static_cast<std::size_t>(what)] : std::nullopt;
  }

  [[nodiscard]] const PairRatios& ratios(double x) {
    const auto found = ratios_.find(x);
    if (found != ratios_.end()) {
      return found->second;
    }
    const std::optional<PairRatios> known = known_at_ ? known_at_(x) : std::nullopt;
    return ratios_.emplace(x, known ? *known : compute(x)).first->second;
  }

  [[nodiscard]] bool runs(double x) {
    Stand& stand = stand_at_(x);
    return stand.runs(machine_, stack_, chain_, metrics::TooBig::kLeave) &&
           stand.runs(machine_, anchor_, chain_, metrics::TooBig::kSimulateAnyway);
  }

  [[nodiscard]] PairRatios compute(double x) {
    Stand& stand = stand_at_(x);
    const metrics::PointResult q = stand.evaluate(machine_, stack_, chain_);
    return q.feasible() ? pair_ratios(q, stand.anchor(machine_, anchor_, chain_))
                        : PairRatios{q.supported, std::nullopt};
  }

  std::size_t machine_, stack_, anchor_, chain_;
  StandAt stand_at_;
  KnownAt known_at_;
  std::map<double, PairRatios> ratios_;
};

// Where a curve does not exist for another reason than memory.
void say_why_nothing(bool supported, const spec::StackSpec& stack, CriticalRow& row) {
  const bool known = stack.quality.accuracy_ratio || !stack.quality.table.accuracy.empty();
  if (!supported) {
    row.points.outcome = metrics::CriticalPoints::Outcome::kNotSupported;
  } else if (row.equal == Equal::kEnergyPerCorrect && !known) {
    row.points.outcome = metrics::CriticalPoints::Outcome::kAccuracyUnknown;
  }
}

auto log_grid(double low, double high, int count) -> std::vector<double> {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) {
    out.push_back(low * std::pow(high / low, static_cast<double>(i) / (count - 1)));
  }
  out.back() = high;  // not a rounding error above it
  return out;
}

// The fixed part of a row as it travels; crossings and their bands follow.
struct FlatRow {
  std::uint64_t along_params, gpu, host, variant, stack, chain, model, batch, equal, outcome, crossings,
      bands;
  double lowest, highest, literature_params, crosses, always, never;
};
struct FlatCrossing {
  double at;
  std::uint64_t trap_below;
};

template <class T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
auto get(const std::string& bytes, std::size_t& at) -> T {
  HOPSIM_CHECK(bytes.size() - at >= sizeof(T), "critical points are cut short");
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  at += sizeof out;
  return out;
}

}  // namespace

std::string to_bytes(const std::vector<CriticalRow>& rows) {
  std::string out;
  for (const CriticalRow& r : rows) {
    put(out, FlatRow{r.along_params ? 1U : 0U, r.gpu, r.host, r.variant, r.stack, r.chain, r.model,
                     static_cast<std::uint64_t>(r.batch), static_cast<std::uint64_t>(r.equal),
                     static_cast<std::uint64_t>(r.points.outcome), r.points.crossings.size(),
                     r.bands.crossings.size(), r.points.lowest, r.points.highest, r.literature_params,
                     r.bands.crosses, r.bands.always, r.bands.never});
    for (const metrics::Crossing& crossing : r.points.crossings) {
      put(out, FlatCrossing{crossing.at, crossing.trap_below ? 1U : 0U});
    }
    for (const metrics::CrossingBand& band : r.bands.crossings) {
      put(out, band);
    }
  }
  return out;
}

std::vector<CriticalRow> rows_of(const std::string& bytes) {
  std::vector<CriticalRow> out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto flat = get<FlatRow>(bytes, at);
    CriticalRow& row = out.emplace_back();
    row.along_params = flat.along_params != 0;
    row.gpu = flat.gpu;
    row.host = flat.host;
    row.variant = flat.variant;
    row.stack = flat.stack;
    row.chain = flat.chain;
    row.model = flat.model;
    row.batch = static_cast<int>(flat.batch);
    row.equal = static_cast<Equal>(flat.equal);
    row.points.outcome = static_cast<metrics::CriticalPoints::Outcome>(flat.outcome);
    row.points.lowest = flat.lowest;
    row.points.highest = flat.highest;
    row.literature_params = flat.literature_params;
    row.bands.crosses = flat.crosses;
    row.bands.always = flat.always;
    row.bands.never = flat.never;
    for (std::uint64_t i = 0; i < flat.crossings; ++i) {
      const auto crossing = get<FlatCrossing>(bytes, at);
      row.points.crossings.push_back({crossing.at, crossing.trap_below != 0});
    }
    for (std::uint64_t i = 0; i < flat.bands; ++i) {
      row.bands.crossings.push_back(get<metrics::CrossingBand>(bytes, at));
    }
  }
  return out;
}

CriticalSearch::CriticalSearch(const Plan& plan) : plan_(plan) {
  const spec::ExperimentSpec& x = plan.experiment();
  if (!x.seeks_critical()) {
    return;
  }
  for (std::size_t batch = 0; batch < x.batches.size(); ++batch) {
    units_.push_back({true, batch});
  }
  for (std::size_t model = 0; model < x.models.size(); ++model) {
    units_.push_back({false, model});
  }
}

std::vector<CriticalRow> CriticalSearch::run_unit(std::size_t unit, const StackCopies& stacks,
                                                  const replay::Engine& engine,
                                                  const KnownRatios* known) const {
  return units_[unit].along_params ? along_params(units_[unit], stacks, engine)
                                   : along_batch(units_[unit], stacks, engine, known);
}

template <class Place>
void CriticalSearch::for_each_place(const Unit& unit, Place place) const {
  const spec::ExperimentSpec& x = plan_.experiment();
  std::vector<std::size_t> chains;
  for (const std::string& chain : x.critical_chains) {
    chains.push_back(
        static_cast<std::size_t>(std::find(x.chains.begin(), x.chains.end(), chain) - x.chains.begin()));
  }
  CriticalRow row;
  row.along_params = unit.along_params;
  for (row.gpu = 0; row.gpu < x.gpus.size(); ++row.gpu) {
    for (row.host = 0; row.host < x.hosts.size(); ++row.host) {
      for (row.variant = 0; row.variant < plan_.grid().variants(); ++row.variant) {
        for (row.stack = 0; row.stack < x.stacks.size(); ++row.stack) {
          if (plan_.stack(row.stack, row.variant) == plan_.anchor(row.stack)) {
            continue;
          }
          for (const std::size_t chain : chains) {
            row.chain = chain;
            place(row, plan_.machine(row.gpu, row.host, row.variant), plan_.stack(row.stack, row.variant),
                  plan_.chain(chain, row.variant));
          }
        }
      }
    }
  }
}

std::vector<CriticalRow> CriticalSearch::along_params(const Unit& unit, const StackCopies& stacks,
                                                      const replay::Engine& engine) const {
  const spec::ExperimentSpec& x = plan_.experiment();
  const int batch = x.batches[unit.at];
  const std::vector<double> grid = log_grid(x.critical_params_low, x.critical_params_high, kSizes);
  std::map<double, Stand> stands;
  const auto stand_at = [&](double params) -> Stand& {
    const auto found = stands.find(params);
    return found != stands.end()
               ? found->second
               : stands.try_emplace(params, plan_, stacks, engine, spec::dense_model(params), batch)
                     .first->second;
  };
  std::vector<CriticalRow> out;
  for_each_place(unit, [&](CriticalRow row, std::size_t machine, std::size_t stack, std::size_t chain) {
    PairCurve curve(machine, stack, plan_.anchor(row.stack), chain, stand_at);
    const metrics::PointResult reference = stand_at(kReferenceParams).evaluate(machine, stack, chain);
    row.batch = batch;
    if (reference.simulated) {
      row.literature_params = metrics::literature_critical_params(
          reference.performance.casting_s() / static_cast<double>(reference.performance.steps),
          plan_.machines()[machine].gpu->hbm_gb_s * 1e9, batch, stacks[stack].bits);
    }
    for (std::size_t e = 0; e < kEqualCount; ++e) {
      row.equal = static_cast<Equal>(e);
      row.points = metrics::crossings_along(curve.of(row.equal), grid);
      say_why_nothing(reference.supported, stacks[stack], row);
      out.push_back(row);
    }
  });
  return out;
}

std::vector<CriticalRow> CriticalSearch::along_batch(const Unit& unit, const StackCopies& stacks,
                                                     const replay::Engine& engine,
                                                     const KnownRatios* known) const {
  const std::vector<int>& batches = plan_.experiment().batches;
  std::map<int, Stand> stands;
  const auto stand_at = [&](double at) -> Stand& {
    const int batch = static_cast<int>(at);
    const auto found = stands.find(batch);
    return found != stands.end()
               ? found->second
               : stands.try_emplace(batch, plan_, stacks, engine, *plan_.models()[unit.at], batch)
                     .first->second;
  };
  std::vector<CriticalRow> out;
  for_each_place(unit, [&](CriticalRow row, std::size_t machine, std::size_t stack, std::size_t chain) {
    const auto known_at = [&](double batch) {
      return known != nullptr ? known->find({unit.at, machine, stack, chain, static_cast<int>(batch)})
                              : std::nullopt;
    };
    PairCurve curve(machine, stack, plan_.anchor(row.stack), chain, stand_at, known_at);
    row.model = unit.at;
    for (std::size_t e = 0; e < kEqualCount; ++e) {
      row.equal = static_cast<Equal>(e);
      row.points = metrics::crossings_along_integers(curve.of(row.equal), batches);
      say_why_nothing(curve.supported(batches.front()), stacks[stack], row);
      out.push_back(row);
    }
  });
  return out;
}

}  // namespace hopsim::sweep
