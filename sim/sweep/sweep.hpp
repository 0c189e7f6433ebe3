// SPDX-License-Identifier: Apache-2.0
// A grid of points and its critical points, on several threads. Work is handed out dynamically; the result is
// the same for any number of threads, since every row is computed alone and stored at its own index.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "metrics/comparison.hpp"
#include "metrics/critical.hpp"
#include "metrics/point.hpp"
#include "spec/catalog.hpp"
#include "spec/experiment.hpp"

namespace hopsim::sweep {

/// One point. Indices point into the axes of the experiment.
struct Row {
  std::size_t gpu = 0, host = 0, model = 0, stack = 0, chain = 0;
  int batch = 1;
  std::string host_name;  // resolved from "default"
  std::string versus;
  double params = 0;
  metrics::JudgedPoint judged;
};

/// What a critical point equalises with 16 bit.
enum class Equal { kLatency, kEnergy, kEnergyPerCorrect };
inline constexpr std::size_t kEqualCount = 3;
/// "latency", "energy", "energy_per_correct"
[[nodiscard]] std::string_view to_text(Equal what);

/// N* (along parameters, for one batch) or B* (along batch, for one model).
struct CriticalRow {
  bool along_params = true;
  std::size_t gpu = 0, host = 0, stack = 0, chain = 0;
  std::size_t model = 0;  // B* only
  int batch = 0;          // N* only
  std::string host_name;  // resolved from "default"
  std::string versus;
  Equal equal = Equal::kLatency;
  metrics::CriticalPoints points;
  double literature_params = 0;  // N*: the closed form, see metrics/critical.hpp; 0 where it gives none
};

struct Options {
  int jobs = 1;
  metrics::SiOptions si;
  bool critical = true;
  std::function<void(std::size_t done, std::size_t total)> progress;  // called from one thread at a time
};

struct Result {
  std::vector<Row> rows;
  std::vector<CriticalRow> critical;
  std::int64_t kernels = 0;    // of the points and their anchors
  double points_wall_s = 0;    // simulating the points
  double critical_wall_s = 0;  // finding the critical points
};

/// Loads every spec that the experiment names (InputError for an unknown one), then runs it on the folded
/// engine.
[[nodiscard]] Result run(const spec::ExperimentSpec& experiment, spec::Catalog& catalog,
                         const Options& options);

}  // namespace hopsim::sweep
