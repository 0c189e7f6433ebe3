// SPDX-License-Identifier: Apache-2.0
#include "sweep/elasticity.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "replay/folded/folded_engine.hpp"
#include "sweep/point_worker.hpp"

namespace hopsim::sweep {

namespace {

using Target = spec::VarySpec::Target;

// What travels from a worker.
struct Answer {
  std::uint64_t points = 0;
  double latency_mean = 0, latency_largest = 0, energy_mean = 0, energy_largest = 0;
};

// Nothing where the stepped value is refused.
auto stepped(const spec::ExperimentSpec& x, spec::Catalog& catalog, Target target,
             const std::vector<std::string>& path) -> std::optional<SteppedField> {
  spec::ExperimentSpec out = x;
  const std::string name =
      std::string(spec::VarySpec::kTargets[static_cast<std::size_t>(target)]) + "." + join(path, ".");
  out.vary.push_back({target, name, {{path, true, 1 / kFieldStep, {}}, {path, true, kFieldStep, {}}}});
  try {
    return SteppedField{x.gpus.front(), name, std::make_unique<Plan>(std::move(out), catalog)};
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// Bytes of an fp8 value are no number that one could know better.
auto defines_a_format(const std::vector<std::string>& path) -> bool {
  return std::find(path.begin(), path.end(), "format") != path.end();
}

void add(double low, double high, double& sum, double& largest) {
  const double elasticity = std::log(high / low) / (2 * std::log(kFieldStep));
  sum += elasticity;
  if (std::abs(elasticity) > std::abs(largest)) {
    largest = elasticity;
  }
}

// The varied field is the last of the plan, so its two variants follow each other.
auto answer(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine) -> Answer {
  PointWorker worker(plan, stacks, engine, metrics::SiOptions{});
  const spec::ExperimentSpec& x = plan.experiment();
  const std::size_t variant_rows = x.chains.size() * x.stacks.size();
  Answer out;
  for (std::size_t low = 0; low < plan.grid().rows(); low += 2 * variant_rows) {
    const std::vector<PointRecord> both = worker.compute({low, 2 * variant_rows});
    for (std::size_t i = 0; i < variant_rows; ++i) {
      const PointRecord& a = both[i];
      const PointRecord& b = both[i + variant_rows];
      const bool is_anchor = plan.stack(i % x.stacks.size(), 0) == plan.anchor(i % x.stacks.size());
      if (is_anchor || a.energy_ratio == 0 || b.energy_ratio == 0) {
        continue;  // 16 bit itself, or does not run, or has no anchor
      }
      ++out.points;
      add(1 + a.cor, 1 + b.cor, out.latency_mean, out.latency_largest);
      add(a.energy_ratio, b.energy_ratio, out.energy_mean, out.energy_largest);
    }
  }
  const double points = static_cast<double>(std::max<std::uint64_t>(out.points, 1));
  out.latency_mean /= points;
  out.energy_mean /= points;
  return out;
}

auto influence(const Elasticity& e) -> double {
  return std::max(std::abs(e.latency_largest), std::abs(e.energy_largest));
}

}  // namespace

spec::ExperimentSpec without_variants(spec::ExperimentSpec experiment) {
  for (spec::VarySpec& vary : experiment.vary) {
    vary.steps.resize(1);
  }
  return experiment;
}

std::vector<SteppedField> stepped_fields(const spec::ExperimentSpec& experiment, spec::Catalog& catalog) {
  std::vector<SteppedField> out;
  spec::ExperimentSpec x = without_variants(experiment);
  x.critical_params_low = x.critical_params_high = 0;
  for (const std::string& gpu : experiment.gpus) {
    x.gpus = {gpu};
    for (const auto& path : spec::numeric_fields(
             spec::load_extended(catalog.library().gpu_path(spec::parse_gpu_entry(gpu).name)))) {
      if (defines_a_format(path)) {
        continue;
      }
      if (auto one = stepped(x, catalog, Target::kGpu, path)) {
        out.push_back(std::move(*one));
      }
    }
    if (auto one = stepped(x, catalog, Target::kHost, {"speed"})) {
      out.push_back(std::move(*one));
    }
  }
  return out;
}

std::vector<Elasticity> elasticities(const spec::ExperimentSpec& experiment, spec::Catalog& catalog,
                                     Pool& pool,
                                     const std::function<void(std::size_t, std::size_t)>& progress) {
  const std::vector<SteppedField> asked = stepped_fields(experiment, catalog);
  std::vector<Elasticity> out(asked.size());
  std::vector<std::size_t> units;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    units.push_back(i);
  }
  std::size_t done = 0;
  const replay::FoldedEngine engine;
  const MakeWork make_work = [&]() -> Work {
    return [&](std::size_t unit) {
      const Plan& plan = *asked[unit].plan;
      const Answer one = answer(plan, copy_stacks(plan), engine);
      return std::string(reinterpret_cast<const char*>(&one), sizeof one);
    };
  };
  pool.run(units, make_work, [&](std::size_t unit, const std::string& bytes) {
    Answer one;
    HOPSIM_CHECK(bytes.size() == sizeof one, "an answer has the wrong size");
    std::memcpy(&one, bytes.data(), sizeof one);
    out[unit] = {asked[unit].gpu,     asked[unit].field, one.points,        one.latency_mean,
                 one.latency_largest, one.energy_mean,   one.energy_largest};
    progress(++done, units.size());
  });
  constexpr double kNothing = 1e-4;
  std::erase_if(out, [](const Elasticity& e) { return influence(e) < kNothing; });
  std::stable_sort(out.begin(), out.end(), [&](const Elasticity& a, const Elasticity& b) {
    const auto place = [&](const Elasticity& e) {
      return std::find(experiment.gpus.begin(), experiment.gpus.end(), e.gpu);
    };
    return place(a) != place(b) ? place(a) < place(b) : influence(a) > influence(b);
  });
  return out;
}

}  // namespace hopsim::sweep
