// SPDX-License-Identifier: Apache-2.0
// The results HDF5 (format "hopsim-results", version 1): /points, one row a point with its axes and metrics;
// /critical, one row a crossing, or one that says why there is none; /provenance, the YAML texts with their
// SHA-256. The metrics of a point that can't run on one GPU are 0 and its verdict is "infeasible": no NaN
// anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spec/experiment.hpp"
#include "sweep/sweep.hpp"

namespace hopsim::report {

inline constexpr std::int64_t kResultsVersion = 1;

/// One row of /points.
struct PointRow {
  std::string gpu, host, model, stack, versus, chain, verdict;
  std::int64_t batch = 1;
  std::int64_t supported = 1, feasible = 1, gpus = 1, anchor_fits = 1, accuracy_trap = 0, kernels = 0;
  double params = 0, latency_s = 0, tokens_per_s = 0, energy_j = 0, j_per_token = 0, j_per_correct = 0,
         power_w = 0;
  double host_bound_fraction = 0, accuracy = 0, cor = 0, cor_kernel = 0, energy_ratio = 0,
         j_per_correct_ratio = 0, si = 0;
  double casting_s = 0, memory_bytes = 0;
};

/// One row of /critical.
struct CriticalPointRow {
  std::string kind;  // "N" or "B"
  std::string gpu, host, stack, versus, chain, model, equal, outcome;
  std::int64_t batch = 0;  // N* only
  double at = 0;           // parameters or batch; 0 without a crossing
  std::int64_t trap_below = 0;
  double lowest = 0, highest = 0;
  double literature_params = 0;
};

struct Results {
  std::string experiment;
  std::string title;
  std::vector<PointRow> points;
  std::vector<CriticalPointRow> critical;
};

/// A provenance entry: a file or a program, with its text or version.
struct Evidence {
  std::string name, sha256, text;
};

[[nodiscard]] Results to_results(const spec::ExperimentSpec& experiment, const sweep::Result& result);

/// Writes the file whole or not at all. Throws InputError.
void write_results(const std::string& path, const Results& results, const std::vector<Evidence>& evidence,
                   const std::string& git_revision);

/// Throws InputError: no such format, another major version, missing columns.
[[nodiscard]] Results read_results(const std::string& path);

}  // namespace hopsim::report
