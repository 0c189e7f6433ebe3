// SPDX-License-Identifier: Apache-2.0
#include "app/run_bands.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/errors.hpp"
#include "cost/draw.hpp"

namespace hopsim::app {

namespace {

constexpr int kMostDraws = 10'000;

auto percent(double share) -> std::string { return fmt::format("{:.0f} %", 100 * share); }

auto band_json(const metrics::Band& band) -> io::Json { return {band.low, band.high}; }

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

void add_draws(CLI::App& command, sweep::DrawOptions& options) {
  command.add_option("--draws", options.draws,
                     "Also simulate under so many draws of the uncertain parameters, for intervals and the "
                     "share of draws with the same verdict (64 is enough for 5 % steps; default 0)");
  command.add_option("--seed", options.seed, "Seed of the draws (default 1)");
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
  if (!judged.point.simulated) {
    return out;
  }
  out.drawn = options;
  spec::StackSpec stack = *scenario.workload().stack;
  std::vector<metrics::Comparison> draws;
  std::vector<double> latency;
  std::vector<double> energy;
  for (int i = 0; i < options.draws; ++i) {
    const cost::Draw draw(options.seed, static_cast<std::uint64_t>(i));
    const metrics::JudgedPoint one = judged_under(draw, scenario, engine, stack);
    draws.push_back(one.comparison);
    latency.push_back(one.point.performance.latency_s);
    energy.push_back(one.point.performance.energy_j);
    out.verdicts[std::string(to_text(one.comparison.verdict))] += 1.0 / options.draws;
  }
  out.point = bands_of(judged.comparison.verdict, draws);
  out.latency_s = metrics::band_of(std::move(latency));
  out.energy_j = metrics::band_of(std::move(energy));
  return out;
}

io::Json bands_json(const RunBands& bands) {
  if (bands.drawn.draws == 0) {
    return nullptr;
  }
  return {{"draws", bands.drawn.draws},
          {"seed", bands.drawn.seed},
          {"verdicts", bands.verdicts},
          {"verdict_share", bands.point.verdict_share},
          {"slower_share", bands.point.slower_share},
          {"hungrier_share", bands.point.hungrier_share},
          {"cor", band_json(bands.point.cor)},
          {"energy_ratio", band_json(bands.point.energy_ratio)},
          {"latency_s", band_json(bands.latency_s)},
          {"energy_j", band_json(bands.energy_j)}};
}

std::string bands_text(const RunBands& bands) {
  if (bands.drawn.draws == 0) {
    return "";
  }
  std::string out = fmt::format("\nUnder {} draws of the uncertain parameters:", bands.drawn.draws);
  for (const auto& [verdict, share] : bands.verdicts) {
    out += fmt::format(" {} {},", verdict, percent(share));
  }
  out.back() = '\n';
  out += fmt::format(
      "  slower in {}, more energy in {} of draws; 5 to 95 %: COR {:+.2f} to {:+.2f}, energy ratio "
      "{:.2f} to {:.2f}, {:.4g} to {:.4g} s, {:.4g} to {:.4g} J\n",
      percent(bands.point.slower_share), percent(bands.point.hungrier_share), bands.point.cor.low,
      bands.point.cor.high, bands.point.energy_ratio.low, bands.point.energy_ratio.high, bands.latency_s.low,
      bands.latency_s.high, bands.energy_j.low, bands.energy_j.high);
  return out;
}

}  // namespace hopsim::app
