// SPDX-License-Identifier: Apache-2.0
#include "app/sweep_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/band_tables.hpp"
#include "report/tables.hpp"

namespace hopsim::app {

namespace {

// Of all verdicts, those that no point has with 0.
auto verdicts_of(const SweepSummary& summary) -> std::map<std::string, std::int64_t> {
  std::map<std::string, std::int64_t> out = summary.file.verdicts;
  for (std::size_t v = 0; v < metrics::kVerdictCount; ++v) {
    out.emplace(to_text(static_cast<metrics::Verdict>(v)), 0);
  }
  return out;
}

// Those of the draws counted.
auto kernels_simulated(const SweepSummary& summary) -> double {
  return static_cast<double>(summary.outcome.kernels) * static_cast<double>(1 + summary.file.bands.draws);
}

auto kernels_per_s(const SweepSummary& summary) -> double {
  return kernels_simulated(summary) / std::max(summary.outcome.points_wall_s, 1e-9);
}

}  // namespace

io::Json sweep_json(const sweep::Plan& plan, const SweepSummary& summary) {
  io::Json out;
  out["experiment"] = plan.experiment().name;
  out["points"] = summary.file.points;
  out["points_resumed"] = summary.resumed_points;
  out["kernels"] = summary.file.kernels;
  out["wall_s"] = summary.wall_s;
  out["points_wall_s"] = summary.outcome.points_wall_s;
  out["critical_wall_s"] = summary.outcome.critical_wall_s;
  out["kernels_per_s"] = kernels_per_s(summary);
  out["jobs"] = summary.workers;
  out["verdicts"] = verdicts_of(summary);
  out["draws"] = summary.file.bands.draws;
  out["engine"] = summary.engine;
  out["output"] = summary.output;
  return out;
}

std::string sweep_text(const sweep::Plan& plan, const SweepSummary& summary) {
  const spec::ExperimentSpec& x = plan.experiment();
  std::string out = fmt::format("{}: {} points", x.name, summary.file.points);
  if (summary.resumed_points > 0) {
    out += fmt::format(", {} of them known before", summary.resumed_points);
  }
  if (summary.outcome.points > 0) {
    out += fmt::format("; {:.3g} kernels simulated in {:.2f} s ({:.2g} kernels/s on {} {})",
                       kernels_simulated(summary), summary.outcome.points_wall_s, kernels_per_s(summary),
                       summary.workers, summary.workers == 1 ? "worker" : "workers");
  }
  if (!summary.outcome.critical.empty()) {
    out += fmt::format("; N* and B* {:.2f} s more", summary.outcome.critical_wall_s);
  }
  out += "\n";
  for (const auto& [verdict, count] : verdicts_of(summary)) {
    out += fmt::format("  {:<14}{:>9}\n", verdict, count);
  }
  if (!summary.file.critical.empty() && x.hosts.size() == 1 && x.critical_chains.size() == 1 &&
      x.vary.empty()) {
    out += "\n" + report::critical_text(summary.file.critical);
  }
  if (x.hosts.size() == 1 && x.critical_chains.size() <= 1 && x.vary.empty()) {
    out += report::bands_text(summary.file.bands, summary.file.critical);
  }
  return out + fmt::format("\nwritten: {}\n", summary.output);
}

}  // namespace hopsim::app
