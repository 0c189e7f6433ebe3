// SPDX-License-Identifier: Apache-2.0
// How `hopsim run` tells its result: as JSON, or as a short answer with a breakdown.
#pragma once

#include <string>

#include "io/json.hpp"
#include "metrics/point.hpp"

namespace hopsim::app {

/// A judged point with what it was made of.
struct RunReport {
  metrics::Machine machine;
  metrics::Workload workload;
  const spec::StackSpec* versus = nullptr;
  metrics::JudgedPoint judged;
  std::string engine;
  double wall_s = 0;
};

[[nodiscard]] io::Json run_json(const RunReport& report);
[[nodiscard]] std::string run_text(const RunReport& report);
/// The verdict in one line.
[[nodiscard]] std::string verdict_text(const RunReport& report);

}  // namespace hopsim::app
