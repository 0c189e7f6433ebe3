// SPDX-License-Identifier: Apache-2.0
// The metrics of one point as plain numbers: what workers send, and what the results file stores beside the
// point's coordinates. No padding, so equal points are equal bytes.
#pragma once

#include <cstdint>
#include <type_traits>

#include "metrics/point.hpp"

namespace hopsim::sweep {

/// What does not apply is 0: everything measured of a point that can't run, ratios without an anchor.
struct PointRecord {
  std::int64_t verdict = 0;  // metrics::Verdict
  std::int64_t supported = 1, feasible = 1, gpus = 1, gpus_used = 1, anchor_fits = 1, accuracy_trap = 0,
               kernels = 0;
  double params = 0, latency_s = 0, tokens_per_s = 0, energy_j = 0, j_per_token = 0, j_per_correct = 0,
         power_w = 0;
  double host_bound_fraction = 0, accuracy = 0, cor = 0, cor_kernel = 0, energy_ratio = 0,
         j_per_correct_ratio = 0, si = 0;
  double casting_s = 0, memory_bytes = 0;
};
static_assert(std::is_trivially_copyable_v<PointRecord> && sizeof(PointRecord) == 24 * sizeof(double));

[[nodiscard]] PointRecord record_of(const metrics::JudgedPoint& judged, double params);

}  // namespace hopsim::sweep
