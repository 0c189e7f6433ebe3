// SPDX-License-Identifier: Apache-2.0
#include "metrics/bands.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace hopsim::metrics {

namespace {

using Outcome = CriticalPoints::Outcome;

// Of `sorted`, not empty.
auto quantile(const std::vector<double>& sorted, double share) -> double {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

template <class Range, class Test>
auto share_of(const Range& range, Test test) -> double {
  return range.empty() ? 0
                       : static_cast<double>(std::count_if(range.begin(), range.end(), test)) /
                             static_cast<double>(range.size());
}

auto distance(const Crossing& a, const Crossing& b) -> double { return std::abs(std::log(a.at / b.at)); }

// Where `draw` crosses instead of at expected.crossings[index].
auto counterpart(const CriticalPoints& expected, std::size_t index, const CriticalPoints& draw)
    -> std::optional<double> {
  const Crossing& wanted = expected.crossings[index];
  const Crossing* best = nullptr;
  for (const Crossing& one : draw.crossings) {
    const bool nearer_to_another =
        std::any_of(expected.crossings.begin(), expected.crossings.end(), [&](const Crossing& other) {
          return other.trap_below == one.trap_below && distance(other, one) < distance(wanted, one);
        });
    if (one.trap_below == wanted.trap_below && !nearer_to_another &&
        (best == nullptr || distance(wanted, one) < distance(wanted, *best))) {
      best = &one;
    }
  }
  return best != nullptr ? std::optional(best->at) : std::nullopt;
}

template <class Place>
auto crossing_band(const std::vector<CriticalPoints>& draws, Place place) -> CrossingBand {
  std::vector<double> at;
  for (const CriticalPoints& draw : draws) {
    if (const std::optional<double> one = place(draw)) {
      at.push_back(*one);
    }
  }
  CrossingBand out;
  out.share = draws.empty() ? 0 : static_cast<double>(at.size()) / static_cast<double>(draws.size());
  out.at = band_of(std::move(at));
  return out;
}

}  // namespace

Band band_of(std::vector<double> values) {
  if (values.empty()) {
    return {};
  }
  std::sort(values.begin(), values.end());
  return {quantile(values, kLowQuantile), quantile(values, kHighQuantile)};
}

bool is_slower(Verdict verdict) { return verdict == Verdict::kLatencyTrap || verdict == Verdict::kFullTrap; }

bool is_hungrier(Verdict verdict) { return verdict == Verdict::kEnergyTrap || verdict == Verdict::kFullTrap; }

PointBands bands_of(Verdict verdict, const std::vector<Comparison>& draws) {
  PointBands out;
  const bool compared = is_slower(verdict) || is_hungrier(verdict) || verdict == Verdict::kDissolved;
  if (!compared || draws.empty()) {
    return out;
  }
  std::vector<double> cor;
  std::vector<double> energy;
  for (const Comparison& one : draws) {
    cor.push_back(one.cor);
    energy.push_back(one.energy_ratio);
  }
  out.verdict_share = share_of(draws, [&](const Comparison& c) { return c.verdict == verdict; });
  out.slower_share = share_of(draws, [](const Comparison& c) { return is_slower(c.verdict); });
  out.hungrier_share = share_of(draws, [](const Comparison& c) { return is_hungrier(c.verdict); });
  out.cor = band_of(std::move(cor));
  out.energy_ratio = band_of(std::move(energy));
  return out;
}

CriticalBands bands_of(const CriticalPoints& expected, const std::vector<CriticalPoints>& draws) {
  CriticalBands out;
  const auto share = [&](Outcome outcome) {
    return share_of(draws, [=](const CriticalPoints& c) { return c.outcome == outcome; });
  };
  out.crosses = share(Outcome::kCrossings);
  out.always = share(Outcome::kAlwaysTrapped);
  out.never = share(Outcome::kNeverTrapped);
  for (std::size_t i = 0; i < expected.crossings.size(); ++i) {
    out.crossings.push_back(
        crossing_band(draws, [&](const CriticalPoints& draw) { return counterpart(expected, i, draw); }));
  }
  if (expected.crossings.empty()) {
    out.crossings.push_back(crossing_band(draws, [](const CriticalPoints& draw) {
      return draw.crossings.empty() ? std::nullopt : std::optional(draw.crossings.front().at);
    }));
  }
  return out;
}

}  // namespace hopsim::metrics
