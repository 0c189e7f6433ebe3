// SPDX-License-Identifier: Apache-2.0
// What `hopsim sweep` prints when it is done.
#pragma once

#include <string>

#include "io/json.hpp"
#include "report/results_file.hpp"
#include "sweep/sweep.hpp"

namespace hopsim::app {

struct SweepSummary {
  report::Summary file;
  sweep::Outcome outcome;  // of this run
  std::size_t resumed_points = 0;
  double wall_s = 0;
  int workers = 1;
  std::string engine, output;
};

[[nodiscard]] io::Json sweep_json(const sweep::Plan& plan, const SweepSummary& summary);
[[nodiscard]] std::string sweep_text(const sweep::Plan& plan, const SweepSummary& summary);

}  // namespace hopsim::app
