// SPDX-License-Identifier: Apache-2.0
#include "metrics/critical.hpp"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>

#include "base/errors.hpp"

namespace hopsim::metrics {

namespace {

struct Sample {
  double at;
  std::optional<double> value;  // none where it can't run
};

// How one axis is searched.
struct Axis {
  // The point between two abscissas, or nothing when they are as near as they need to be.
  std::function<std::optional<double>(double, double)> middle;
  // Where a function changes its sign, known at both ends: the abscissa on the far side.
  std::function<double(const std::function<double(double)>& curve, double a, double b, double at_a,
                       double at_b)>
      root;
};

// The last abscissa that runs, between one that does and one that doesn't.
auto edge_of(const Curve& curve, const Sample& inside, double outside, const Axis& axis) -> Sample {
  double last = inside.at;
  while (const std::optional<double> m = axis.middle(last, outside)) {
    (curve.runs(*m) ? last : outside) = *m;
  }
  return last == inside.at ? inside : Sample{last, curve.log_ratio(last)};
}

// Samples of the grid, and the edges of what runs between a sample that does and one that doesn't.
auto samples_of(const Curve& curve, const std::vector<double>& grid, const Axis& axis)
    -> std::vector<Sample> {
  std::vector<Sample> out;
  for (const double at : grid) {
    const Sample next{at, curve.log_ratio(at)};
    if (!out.empty() && out.back().value.has_value() != next.value.has_value()) {
      const Sample edge =
          next.value ? edge_of(curve, next, out.back().at, axis) : edge_of(curve, out.back(), next.at, axis);
      if (edge.at != next.at && edge.at != out.back().at) {
        out.push_back(edge);
      }
    }
    out.push_back(next);
  }
  return out;
}

auto trapped(const Sample& sample) -> bool { return *sample.value > 0; }
auto height(const Sample& sample) -> double { return std::abs(*sample.value); }

// The curve may cross zero twice between samples of one sign: around `b`, which lies nearer to zero than its
// neighbours, its lowest point is sought until the sign changes.
auto dip_of(const Curve& curve, Sample a, Sample b, Sample c, const Axis& axis) -> std::optional<Sample> {
  constexpr int kRounds = 5;
  const auto take = [&](Sample& outer, Sample& other) -> std::optional<Sample> {
    const std::optional<double> at = axis.middle(std::min(outer.at, b.at), std::max(outer.at, b.at));
    const std::optional<double> value = at ? curve.log_ratio(*at) : std::nullopt;
    if (!value) {
      return std::nullopt;
    }
    const Sample found{*at, value};
    if (trapped(found) != trapped(b)) {
      return found;
    }
    if (height(found) < height(b)) {
      other = b;
      b = found;
    } else {
      outer = found;
    }
    return std::nullopt;
  };
  for (int round = 0; round < kRounds; ++round) {
    if (const std::optional<Sample> found = take(a, c)) {
      return found;
    }
    if (const std::optional<Sample> found = take(c, a)) {
      return found;
    }
  }
  return std::nullopt;
}

// The samples and one in each dip through zero; dips that would have to be far sharper than the curve around
// them are not looked for.
auto with_dips(const Curve& curve, const std::vector<Sample>& samples, const Axis& axis)
    -> std::vector<Sample> {
  std::vector<Sample> out = samples;
  for (std::size_t i = 1; i + 1 < samples.size(); ++i) {
    const Sample& a = samples[i - 1];
    const Sample& b = samples[i];
    const Sample& c = samples[i + 1];
    if (!a.value || !b.value || !c.value || trapped(a) != trapped(b) || trapped(b) != trapped(c)) {
      continue;
    }
    const double rise = std::max(height(a), height(c)) - height(b);
    if (height(b) <= height(a) && height(b) <= height(c) && height(b) < rise) {
      if (const std::optional<Sample> dip = dip_of(curve, a, b, c, axis)) {
        out.push_back(*dip);
      }
    }
  }
  std::sort(out.begin(), out.end(), [](const Sample& x, const Sample& y) { return x.at < y.at; });
  return out;
}

// Where the sign changes between two samples that run. A hole in between counts to the far side.
auto refine(const Curve& curve, const Sample& a, const Sample& b, const Axis& axis) -> double {
  return axis.root([&](double at) { return curve.log_ratio(at).value_or(*b.value); }, a.at, b.at, *a.value,
                   *b.value);
}

auto search(const Curve& curve, const std::vector<double>& grid, const Axis& axis) -> CriticalPoints {
  const std::vector<Sample> samples = with_dips(curve, samples_of(curve, grid, axis), axis);
  CriticalPoints out;
  const Sample* before = nullptr;
  bool any_trapped = false;
  for (const Sample& sample : samples) {
    if (sample.value) {
      out.lowest = out.highest == 0 ? sample.at : out.lowest;
      out.highest = sample.at;
      any_trapped = any_trapped || *sample.value > 0;
      if (before != nullptr && (*before->value > 0) != (*sample.value > 0)) {
        out.crossings.push_back({refine(curve, *before, sample, axis), *before->value > 0});
      }
    }
    before = sample.value ? &sample : nullptr;
  }
  out.outcome = !out.crossings.empty() ? CriticalPoints::Outcome::kCrossings
                : out.highest == 0     ? CriticalPoints::Outcome::kNothingFits
                : any_trapped          ? CriticalPoints::Outcome::kAlwaysTrapped
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
    case CriticalPoints::Outcome::kNotSupported:
      return "not supported";
    case CriticalPoints::Outcome::kAccuracyUnknown:
      return "accuracy unknown";
  }
  throw InternalError("unknown outcome");
}

CriticalPoints crossings_along(const Curve& curve, const std::vector<double>& grid) {
  constexpr double kClose = 1e-3;
  const Axis axis{[](double a, double b) {
                    return std::abs(std::log(a / b)) > kClose ? std::optional(std::sqrt(a * b))
                                                              : std::nullopt;
                  },
                  [](const auto& function, double a, double b, double at_a, double at_b) {
                    std::uintmax_t most = 100;  // TOMS 748 halves the bracket in three at the worst
                    const auto [low, high] = boost::math::tools::toms748_solve(
                        [&](double log) { return function(std::exp(log)); }, std::log(a), std::log(b), at_a,
                        at_b, [](double from, double to) { return to - from <= kClose; }, most);
                    return std::clamp(std::exp(high), a, b);  // not a rounding error outside
                  }};
  return search(curve, grid, axis);
}

CriticalPoints crossings_along_integers(const Curve& curve, const std::vector<int>& grid) {
  const auto middle = [](double a, double b) {
    return std::abs(a - b) > 1 ? std::optional(std::floor((a + b) / 2)) : std::nullopt;
  };
  const Axis axis{middle, [middle](const auto& function, double a, double b, double at_a, double) {
                    while (const std::optional<double> m = middle(a, b)) {
                      ((function(*m) > 0) == (at_a > 0) ? a : b) = *m;
                    }
                    return b;
                  }};
  return search(curve, {grid.begin(), grid.end()}, axis);
}

double literature_critical_params(double casting_s, double bandwidth_bytes_s, int batch, int bits) {
  constexpr double kAlpha = 1.0 / 8;
  constexpr int kPi = 16;
  return bits >= kPi ? 0 : casting_s * bandwidth_bytes_s * batch / (kAlpha * (kPi - bits));
}

double rederived_critical_params(double literature_params, int batch) { return literature_params / batch; }

}  // namespace hopsim::metrics
