// SPDX-License-Identifier: Apache-2.0
#include "app/run_bands.hpp"

#include <fmt/format.h>

#include <limits>

#include "app/quantity_text.hpp"
#include "base/errors.hpp"
#include "cost/draw.hpp"

namespace hopsim::app {

namespace {

constexpr int kMostDraws = 10'000;

auto percent(double share) -> std::string { return fmt::format("{:.0f} %", 100 * share); }

auto band_json(const metrics::Band& band) -> io::Json { return {{"low", band.low}, {"high", band.high}}; }

// The scenario under one draw: 16 bit and low precision on the same drawn machine.
auto judged_under(const cost::Draw& draw, const Scenario& scenario, const replay::Engine& engine,
                  spec::StackSpec& stack) -> metrics::JudgedPoint {
  const spec::GpuSpec gpu = cost::drawn(*scenario.machine().gpu, draw);
  const spec::HostSpec host = cost::drawn(*scenario.machine().host, draw);
  const cost::StepCoster coster(gpu, host);
  const spec::StackSpec& original = *scenario.workload().stack;
  cost::set_linear_dispatch(original, cost::dispatch_factor(original, draw), stack);
  return judged_on(scenario, {&gpu, &host, scenario.machine().gpus}, coster, stack, engine,
                   metrics::SiOptions{});
}

}  // namespace

void add_draws(Command& command, sweep::DrawOptions& options) {
  command.add_option("--draws", &options.draws,
                     "Also simulate under so many draws of the uncertain parameters, for intervals and the "
                     "share of draws with the same verdict (64 is enough for 5 % steps; default 0)");
  command.add_option("--seed", &options.seed, "Seed of all that is drawn (default 1)");
}

void check_draws(const sweep::DrawOptions& options) {
  if (options.draws < 0 || options.draws > kMostDraws) {
    throw InputError(Location{}, fmt::format("--draws {} is out of range", options.draws),
                     fmt::format("allowed: 0 to {}", kMostDraws));
  }
  if (options.seed > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw InputError(Location{}, fmt::format("--seed {} is out of range", options.seed),
                     fmt::format("allowed: 0 to {}", std::numeric_limits<std::int64_t>::max()));
  }
}

RunBands run_bands(const Scenario& scenario, const metrics::JudgedPoint& judged, const replay::Engine& engine,
                   const sweep::DrawOptions& options) {
  RunBands out;
  if (!judged.point.simulated || options.draws == 0) {
    return out;
  }
  out.drawn = options;
  out.compared = judged.anchor.simulated && !judged.is_anchor;
  spec::StackSpec stack = *scenario.workload().stack;
  std::vector<metrics::Comparison> comparisons;
  for (int i = 0; i < options.draws; ++i) {
    const cost::Draw draw(options.seed, static_cast<std::uint64_t>(i));
    const metrics::JudgedPoint one = judged_under(draw, scenario, engine, stack);
    comparisons.push_back(one.comparison);
    out.pairs.push_back({one.point.performance, one.anchor.performance});
    ++out.verdicts[std::string(to_text(one.comparison.verdict))];
  }
  for (auto& [ignored, share] : out.verdicts) {
    share /= options.draws;
  }
  out.point = bands_of(judged.comparison.verdict, comparisons);
  return out;
}

metrics::Band band_of(const RunBands& bands, const Quantity& quantity) {
  std::vector<double> values;
  for (const RunBands::Pair& pair : bands.pairs) {
    values.push_back(quantity(pair.point));
  }
  return metrics::band_of(std::move(values));
}

metrics::Band ratio_band(const RunBands& bands, const Quantity& quantity) {
  std::vector<double> values;
  for (const RunBands::Pair& pair : bands.pairs) {
    values.push_back(quantity(pair.point) / quantity(pair.anchor));
  }
  return metrics::band_of(std::move(values));
}

io::Json bands_json(const RunBands& bands) {
  using metrics::Performance;
  io::Json out = {{"draws", bands.drawn.draws},
                  {"seed", bands.drawn.seed},
                  {"low_quantile", metrics::kLowQuantile},
                  {"high_quantile", metrics::kHighQuantile},
                  {"verdicts", bands.verdicts},
                  {"latency_s", band_json(band_of(bands, &Performance::latency_s))},
                  {"energy_j", band_json(band_of(bands, &Performance::energy_j))},
                  {"tokens_per_s", band_json(band_of(bands, &Performance::tokens_per_s))},
                  {"power_w", band_json(band_of(bands, &Performance::power_w))}};
  if (bands.compared) {
    out["verdict_share"] = bands.point.verdict_share;
    out["slower_share"] = bands.point.slower_share;
    out["hungrier_share"] = bands.point.hungrier_share;
    out["cor"] = band_json(bands.point.cor);
    out["energy_ratio"] = band_json(bands.point.energy_ratio);
    out["power_ratio"] = band_json(ratio_band(bands, &Performance::power_w));
  }
  return out;
}

std::string ratio_band_text(const RunBands& bands, const Quantity& quantity) {
  if (bands.drawn.draws == 0 || !bands.compared) {
    return "";
  }
  const metrics::Band band = ratio_band(bands, quantity);
  return fmt::format("{:>8} to {:<6}", factor_text(band.low), factor_text(band.high));
}

std::string bands_text(const RunBands& bands) {
  using metrics::Performance;
  if (bands.drawn.draws == 0) {
    return "";
  }
  const metrics::Band time = band_of(bands, &Performance::latency_s);
  const metrics::Band energy = band_of(bands, &Performance::energy_j);
  std::string out = fmt::format("\nUnder {} {} of the uncertain parameters\n", bands.drawn.draws,
                                bands.drawn.draws == 1 ? "draw" : "draws");
  if (bands.compared) {
    std::string verdicts;
    for (const auto& [verdict, share] : bands.verdicts) {
      verdicts += fmt::format("{}{} in {}", verdicts.empty() ? "" : ", ", verdict, percent(share));
    }
    out += fmt::format("  {}: slower in {}, more energy in {}\n", verdicts, percent(bands.point.slower_share),
                       percent(bands.point.hungrier_share));
  }
  out += fmt::format("  5 to 95 %: {} to {}, {} to {}", seconds_text(time.low), seconds_text(time.high),
                     joules_text(energy.low), joules_text(energy.high));
  if (bands.compared) {
    out += fmt::format(", COR {:+.2f} to {:+.2f}", bands.point.cor.low, bands.point.cor.high);
  }
  return out + "\n";
}

}  // namespace hopsim::app
