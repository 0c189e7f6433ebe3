// SPDX-License-Identifier: Apache-2.0
// What `hopsim run --draws` adds: the scenario under many sets of parameters.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/scenario.hpp"
#include "io/json.hpp"
#include "metrics/bands.hpp"
#include "sweep/draws.hpp"

namespace hopsim::app {

struct RunBands {
  sweep::DrawOptions drawn;
  metrics::PointBands point;
  metrics::Band latency_s, energy_j;
  std::map<std::string, double> verdicts;  // shares of draws
};

/// Adds --draws and --seed.
void add_draws(CLI::App& command, sweep::DrawOptions& options);
/// Throws InputError for numbers out of range.
void check_draws(const sweep::DrawOptions& options);

/// Replays the scenario and its 16 bit under every draw. `judged` is the scenario as stated; what does not
/// run has no bands, and nothing is drawn.
[[nodiscard]] RunBands run_bands(const Scenario& scenario, const metrics::JudgedPoint& judged,
                                 const replay::Engine& engine, const sweep::DrawOptions& options);

[[nodiscard]] io::Json bands_json(const RunBands& bands);
/// A paragraph; nothing without a comparison.
[[nodiscard]] std::string bands_text(const RunBands& bands);

}  // namespace hopsim::app
