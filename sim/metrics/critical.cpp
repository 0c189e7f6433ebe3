// SPDX-License-Identifier: Apache-2.0
#include "metrics/critical.hpp"

#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>

#include "base/errors.hpp"

namespace hopsim::metrics {

namespace {

struct Sample {
  double at;
  double value;
};

auto samples_of(const LogRatio& curve, const std::vector<double>& grid) -> std::vector<Sample> {
  std::vector<Sample> out;
  for (const double at : grid) {
    if (const std::optional<double> value = curve(at)) {
      out.push_back({at, *value});
    }
  }
  return out;
}

// Fills everything but the place of the crossings, which `refine` finds between two samples.
template <class Refine>
auto crossings_of(const std::vector<Sample>& samples, Refine refine) -> CriticalPoints {
  CriticalPoints out;
  if (samples.empty()) {
    return out;
  }
  out.lowest = samples.front().at;
  out.highest = samples.back().at;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const bool trapped_before = samples[i - 1].value > 0;
    if (trapped_before != (samples[i].value > 0)) {
      out.crossings.push_back({refine(samples[i - 1], samples[i]), trapped_before});
    }
  }
  out.outcome = !out.crossings.empty()      ? CriticalPoints::Outcome::kCrossings
                : samples.front().value > 0 ? CriticalPoints::Outcome::kAlwaysTrapped
                                            : CriticalPoints::Outcome::kNeverTrapped;
  return out;
}

}  // namespace

std::string_view to_text(CriticalPoints::Outcome outcome) {
  switch (outcome) {
    case CriticalPoints::Outcome::kCrossings:
      return "crossings";
    case CriticalPoints::Outcome::kAlwaysTrapped:
      return "always trapped";
    case CriticalPoints::Outcome::kNeverTrapped:
      return "never trapped";
    case CriticalPoints::Outcome::kNothingFits:
      return "nothing fits";
  }
  throw InternalError("unknown outcome");
}

CriticalPoints crossings_along(const LogRatio& curve, const std::vector<double>& grid) {
  return crossings_of(samples_of(curve, grid), [&](const Sample& a, const Sample& b) {
    const auto in_log = [&](double x) {
      const std::optional<double> value = curve(std::exp(x));
      HOPSIM_CHECK(value.has_value(), "the curve has a hole between two points that exist");
      return *value;
    };
    if (a.value == 0) {
      return a.at;
    }
    if (b.value == 0) {
      return b.at;
    }
    std::uintmax_t iterations = 60;
    const auto close = [](double x, double y) { return std::abs(x - y) < 1e-3; };
    const auto [low, high] = boost::math::tools::toms748_solve(in_log, std::log(a.at), std::log(b.at),
                                                               a.value, b.value, close, iterations);
    return std::exp((low + high) / 2);
  });
}

CriticalPoints crossings_along_integers(const LogRatio& curve, const std::vector<int>& grid) {
  const std::vector<double> at(grid.begin(), grid.end());
  return crossings_of(samples_of(curve, at), [&](const Sample& a, const Sample& b) {
    int low = static_cast<int>(a.at);
    int high = static_cast<int>(b.at);
    while (high - low > 1) {
      const int middle = low + (high - low) / 2;
      const std::optional<double> value = curve(middle);
      HOPSIM_CHECK(value.has_value(), "the curve has a hole between two points that exist");
      ((*value > 0) == (a.value > 0) ? low : high) = middle;
    }
    return static_cast<double>(high);
  });
}

double literature_critical_params(double casting_s, double bandwidth_bytes_s, int batch, int bits) {
  constexpr double kAlpha = 1.0 / 8;
  constexpr int kPi = 16;
  return bits >= kPi ? 0 : casting_s * bandwidth_bytes_s * batch / (kAlpha * (kPi - bits));
}

}  // namespace hopsim::metrics
