// SPDX-License-Identifier: Apache-2.0
// Which number must one know well to know N*? N* is where r(N, f) = log(cost at q / cost at 16 bit) is 0, so
// a field f moves it by
//
//   d ln N* / d ln f = - (dr / d ln f) / (dr / d ln N)     at N*
//
// Both derivatives are central differences in logarithms of simulated points: in f by kFieldStep, in N by
// kSizeStep, wide enough that the jumps of the curve (layers are whole numbers) do not set its slope. What is
// left is smooth, which N* of a moved profile itself, found to 1e-3, would not be.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "metrics/critical.hpp"
#include "spec/catalog.hpp"
#include "sweep/critical_search.hpp"
#include "sweep/pool.hpp"

namespace hopsim::sweep {

inline constexpr double kSizeStep = 1.2;

struct CriticalElasticity {
  std::string gpu, host, stack, chain;
  int batch = 1;
  Equal equal = Equal::kLatency;
  metrics::CriticalPoints::Outcome outcome{};
  double params = 0;  // N*; 0 where there is none, and then no field either
  bool trap_below = false;
  std::string field;
  double elasticity = 0;
};

/// Of latency and of energy. A row for each crossing and field that moves it by 0.01 % or more for 1 %, the
/// most influential first, one without a field where none does; where N* does not exist one row that says
/// why. The experiment must seek critical points (InputError otherwise); its own varied fields stay at their
/// first entry.
[[nodiscard]] std::vector<CriticalElasticity> critical_elasticities(
    const spec::ExperimentSpec& experiment, spec::Catalog& catalog, Pool& pool,
    const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace hopsim::sweep
