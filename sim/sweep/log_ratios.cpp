// SPDX-License-Identifier: Apache-2.0
#include "sweep/log_ratios.hpp"

#include <cmath>

#include "sweep/plan.hpp"

namespace hopsim::sweep {

std::string_view to_text(Equal what) {
  constexpr std::string_view kNames[] = {"latency", "energy", "energy_per_correct"};
  return kNames[static_cast<std::size_t>(what)];
}

LogRatios log_ratios(const metrics::Performance& q, const metrics::Performance& anchor) {
  LogRatios out = {std::log(q.latency_s / anchor.latency_s), std::log(q.energy_j / anchor.energy_j)};
  if (q.accuracy_known() && anchor.accuracy_known()) {
    out.back() = std::log(q.j_per_correct / anchor.j_per_correct);
  }
  return out;
}

PairRatios pair_ratios(const metrics::PointResult& q, const metrics::PointResult& anchor) {
  PairRatios out;
  out.supported = q.supported;
  if (q.feasible() && anchor.simulated) {
    out.log = log_ratios(q.performance, anchor.performance);
  }
  return out;
}

KnownRatios::KnownRatios(const Plan& plan) : plan_(plan) {}

void KnownRatios::add(const Place& place, const PairRatios& ratios) {
  const std::lock_guard lock(mutex_);
  ratios_.emplace(key(place), ratios);
}

std::optional<PairRatios> KnownRatios::find(const Place& place) const {
  const std::lock_guard lock(mutex_);
  const auto found = ratios_.find(key(place));
  return found != ratios_.end() ? std::optional(found->second) : std::nullopt;
}

// The batch leads: it has no bound of its own.
std::uint64_t KnownRatios::key(const Place& place) const {
  std::uint64_t out = static_cast<std::uint64_t>(place.batch);
  out = out * plan_.models().size() + place.model;
  out = out * plan_.machines().size() + place.machine;
  out = out * plan_.stacks().size() + place.stack;
  return out * plan_.chains().size() + place.chain;
}

}  // namespace hopsim::sweep
