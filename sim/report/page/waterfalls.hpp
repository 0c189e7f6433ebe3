// SPDX-License-Identifier: Apache-2.0
// Why the extremes are what they are: for each GPU the point where low precision costs the most energy
// against 16 bit and the one where it saves the most, explained (metrics/explain.hpp) on the specs that the
// results hold.
#pragma once

#include "io/json.hpp"
#include "report/results_file.hpp"
#include "sweep/plan.hpp"

namespace hopsim::report {

/// Two a GPU at most, of points at which 16 bit fits, with the first host, chain and combination of varied
/// fields. Requires complete results of the plan.
[[nodiscard]] io::Json waterfalls_json(const Results& results, const sweep::Plan& plan);

}  // namespace hopsim::report
