// SPDX-License-Identifier: Apache-2.0
// The results HDF5 (format "hopsim-results", version 3): /points, one row a point with its axes and metrics;
// /critical, one row a crossing, or one that says why there is none; /provenance, the YAML texts with their
// SHA-256; of a sweep with --draws /point_bands and /critical_bands, row by row beside /points and /critical.
// The metrics of a point that can't run are 0 and its verdict is "infeasible": no NaN
// anywhere. A sweep that was cut short leaves a file with the attribute complete = 0 and /progress in place
// of /critical, see results_store.hpp; reading it gives the points that are finished.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hopsim::report {

inline constexpr std::int64_t kResultsVersion = 3;

/// One row of /points.
struct PointRow {
  std::string gpu, host, model, stack, versus, chain, verdict;
  std::int64_t batch = 1;
  std::int64_t supported = 1, feasible = 1, gpus = 1, gpus_used = 1, anchor_fits = 1, accuracy_trap = 0,
               kernels = 0;
  double params = 0, latency_s = 0, tokens_per_s = 0, energy_j = 0, j_per_token = 0, j_per_correct = 0,
         power_w = 0;
  double host_bound_fraction = 0, accuracy = 0, cor = 0, cor_kernel = 0, energy_ratio = 0,
         j_per_correct_ratio = 0, si = 0;
  double casting_s = 0, memory_bytes = 0;
  std::vector<double> varied;  // of Results::varied: factors or values
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
  std::vector<double> varied;
};

/// One row of /point_bands: what the draws of a sweep with --draws say about the point of the same row.
struct PointBandRow {
  double verdict_share = 1, slower_share = 0, hungrier_share = 0;
  double cor_low = 0, cor_high = 0, energy_ratio_low = 0, energy_ratio_high = 0;
};

/// One row of /critical_bands, about the same row of /critical.
struct CriticalBandRow {
  double crosses_share = 0, always_share = 0, never_share = 0;
  double crossing_share = 0, low = 0, high = 0;  // of the row's own crossing; without one of the draws' first
};

struct BandTables {
  std::int64_t draws = 0;  // 0: a sweep without draws, and no rows
  std::int64_t seed = 0;
  std::vector<PointBandRow> points;
  std::vector<CriticalBandRow> critical;
};

struct Results {
  std::string experiment;
  std::string title;
  bool complete = true;
  std::vector<std::string> varied;  // names of varied fields, sorted
  std::vector<PointRow> points;
  std::vector<CriticalPointRow> critical;
  BandTables bands;
};

/// Throws InputError: no such format, another major version, missing columns.
[[nodiscard]] Results read_results(const std::string& path);

/// What a complete file holds in short, without its points in memory.
struct Summary {
  std::int64_t points = 0;
  std::int64_t kernels = 0;
  std::map<std::string, std::int64_t> verdicts;
  std::vector<CriticalPointRow> critical;
  BandTables bands;
};
[[nodiscard]] Summary read_summary(const std::string& path);

}  // namespace hopsim::report
