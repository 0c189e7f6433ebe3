// SPDX-License-Identifier: Apache-2.0
// How `hopsim run` tells its result: as JSON, or as a short answer with a breakdown.
#pragma once

#include <optional>
#include <string>

#include "app/run_bands.hpp"
#include "app/scenario.hpp"
#include "app/terminal.hpp"
#include "io/json.hpp"
#include "metrics/monte_carlo.hpp"
#include "metrics/point.hpp"

namespace hopsim::app {

struct SampledRun {
  metrics::Sampling sampling;
  metrics::MonteCarlo result;
};

/// A judged point with what it was made of.
struct RunReport {
  metrics::Machine machine;
  metrics::Workload workload;
  const spec::StackSpec* versus = nullptr;
  metrics::JudgedPoint judged;
  std::optional<SampledRun> sampled;  // where the chain has distributions
  std::optional<AskedLaw> law;
  RunBands bands;  // of --draws
  std::string engine;
  double wall_s = 0;
};

[[nodiscard]] io::Json run_json(const RunReport& report);
/// At most 100 columns wide.
[[nodiscard]] std::string run_text(const RunReport& report, const Style& style);
/// The verdict in a sentence, one line.
[[nodiscard]] std::string verdict_text(const RunReport& report);

// What reports of one point have in common.
/// The point in a line, then the verdict.
[[nodiscard]] std::string headline(const RunReport& report, const Style& style);
/// What a chain of the whole batch, and one right answer, cost at the GPU's price per hour. The latter
/// requires that the accuracy is known.
[[nodiscard]] double usd_of_chain(const RunReport& report, const metrics::Performance& performance);
[[nodiscard]] double usd_per_correct(const RunReport& report, const metrics::Performance& performance);
[[nodiscard]] Source price_source(const RunReport& report);
/// A note where 16 bit does not fit, else nothing.
[[nodiscard]] std::string anchor_note(const metrics::JudgedPoint& judged);
/// Where the point's numbers come from, in full and in a line.
[[nodiscard]] io::Json provenance_json(const RunReport& report);
[[nodiscard]] std::string provenance_line(const RunReport& report);

}  // namespace hopsim::app
