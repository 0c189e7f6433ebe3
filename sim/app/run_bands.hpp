// SPDX-License-Identifier: Apache-2.0
// What `hopsim run --draws` adds: the scenario under many sets of parameters.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/scenario.hpp"
#include "io/json.hpp"
#include "metrics/bands.hpp"
#include "sweep/draws.hpp"

namespace hopsim::app {

struct RunBands {
  /// The stack and 16 bit under one draw.
  struct Pair {
    metrics::Performance point, anchor;
  };

  sweep::DrawOptions drawn;
  metrics::PointBands point;
  bool compared = false;                   // there is a 16 bit beside the stack
  std::vector<Pair> pairs;                 // one a draw
  std::map<std::string, double> verdicts;  // shares of draws
};

using Quantity = std::function<double(const metrics::Performance&)>;

/// Adds --draws and --seed.
void add_draws(Command& command, sweep::DrawOptions& options);
/// Throws InputError for numbers out of range.
void check_draws(const sweep::DrawOptions& options);

/// Replays the scenario and its 16 bit under every draw. `judged` is the scenario as stated; what does not
/// run has no bands, and nothing is drawn.
[[nodiscard]] RunBands run_bands(const Scenario& scenario, const metrics::JudgedPoint& judged,
                                 const replay::Engine& engine, const sweep::DrawOptions& options);

/// Of a quantity of the stack, and of its ratio to that of 16 bit.
[[nodiscard]] metrics::Band band_of(const RunBands& bands, const Quantity& quantity);
[[nodiscard]] metrics::Band ratio_band(const RunBands& bands, const Quantity& quantity);

[[nodiscard]] io::Json bands_json(const RunBands& bands);
/// "1.4x to 2.1x": the ratio's interval, as a column of the answer; nothing without draws or 16 bit.
[[nodiscard]] std::string ratio_band_text(const RunBands& bands, const Quantity& quantity);
/// A paragraph; nothing without draws.
[[nodiscard]] std::string bands_text(const RunBands& bands);

}  // namespace hopsim::app
