// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/least_squares.hpp"

#include <ceres/ceres.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/errors.hpp"
#include "cost/forms/forms.hpp"

namespace hopsim::cost::fit {

namespace {

constexpr int kMostIterations = 200;
constexpr double kTolerance = 1e-9;

template <class F>
using Values = std::array<double, F::kSize>;

// From what the solver moves to what the form takes: logarithms undone, fixed parameters put back.
template <class F, class T>
auto form_values(const T* moved, const Values<F>& start) -> std::array<T, F::kSize> {
  using std::exp;
  std::array<T, F::kSize> out;
  const auto& list = F::parameters();
  for (std::size_t i = 0; i < F::kSize; ++i) {
    out[i] = list[i].fixed ? T(start[i]) : list[i].logarithmic ? exp(moved[i]) : moved[i];
  }
  return out;
}

template <class F>
struct Residual {
  const Machine& machine;
  const Sample& sample;
  const Values<F>& start;

  template <class T>
  bool operator()(const T* moved, T* out) const {
    using std::log;
    const std::array<T, F::kSize> p = form_values<F>(moved, start);
    const T seconds = F::seconds(p.data(), machine, sample.work);
    if (!(seconds > 0.0)) {
      return false;
    }
    out[0] = sample.weight * log(seconds / sample.seconds);
    return true;
  }
};

// Holds what the data do not tell at its start.
template <class F>
struct Prior {
  Values<F> start;
  double weight;

  template <class T>
  bool operator()(const T* moved, T* out) const {
    for (std::size_t i = 0; i < F::kSize; ++i) {
      out[i] = weight * (moved[i] - start[i]);
    }
    return true;
  }
};

template <class F>
auto solve(const Machine& machine, const std::vector<const Sample*>& samples, const Values<F>& start)
    -> FormFit {
  constexpr int kSize = static_cast<int>(F::kSize);
  const auto& list = F::parameters();
  Values<F> moved = start;
  for (std::size_t i = 0; i < F::kSize; ++i) {
    if (list[i].logarithmic) {
      moved[i] = std::log(start[i]);
    }
  }
  ceres::Problem::Options ownership;
  ownership.loss_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;  // one for all rows, below
  ceres::SoftLOneLoss loss(F::kLossScale);
  ceres::Problem problem(ownership);
  problem.AddParameterBlock(moved.data(), kSize);
  for (std::size_t i = 0; i < F::kSize; ++i) {
    const auto bound = [&](double x) { return list[i].logarithmic ? std::log(x) : x; };
    problem.SetParameterLowerBound(moved.data(), static_cast<int>(i), bound(list[i].low));
    problem.SetParameterUpperBound(moved.data(), static_cast<int>(i), bound(list[i].high));
  }
  for (const Sample* sample : samples) {
    using Cost = ceres::AutoDiffCostFunction<Residual<F>, 1, kSize>;
    problem.AddResidualBlock(new Cost(new Residual<F>{machine, *sample, start}), &loss, moved.data());
  }
  const double prior = F::kPriorWeight * std::sqrt(static_cast<double>(samples.size()));
  if (prior > 0) {
    using Cost = ceres::AutoDiffCostFunction<Prior<F>, kSize, kSize>;
    problem.AddResidualBlock(new Cost(new Prior<F>{moved, prior}), nullptr, moved.data());
  }
  ceres::Solver::Options options;
  options.linear_solver_type = ceres::DENSE_QR;
  options.max_num_iterations = kMostIterations;
  options.function_tolerance = kTolerance;
  options.parameter_tolerance = kTolerance;
  options.num_threads = 1;
  options.logging_type = ceres::SILENT;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &problem, &summary);
  const auto values = form_values<F>(moved.data(), start);
  return {{values.begin(), values.end()},
          summary.IsSolutionUsable() ? summary.final_cost : std::numeric_limits<double>::infinity()};
}

template <class F>
auto starting_points(const std::vector<double>& near) -> std::vector<Values<F>> {
  const auto& list = F::parameters();
  std::vector<Values<F>> out;
  std::size_t count = 1;
  for (const forms::Parameter& p : list) {
    count = std::max(count, p.starts.size());
  }
  if (!near.empty() && count > 1) {
    Values<F> one{};
    for (std::size_t i = 0; i < F::kSize; ++i) {
      one[i] = std::clamp(near[i], list[i].low, list[i].high);
    }
    return {one};
  }
  for (std::size_t s = 0; s < count; ++s) {
    Values<F> one{};
    for (std::size_t i = 0; i < F::kSize; ++i) {
      one[i] = list[i].starts[std::min(s, list[i].starts.size() - 1)];
    }
    out.push_back(one);
  }
  return out;
}

}  // namespace

FormFit fit_form(const std::string& form, const Machine& machine, const std::vector<const Sample*>& samples,
                 const std::vector<double>& near) {
  HOPSIM_CHECK(!samples.empty(), "a fit needs samples");
  FormFit best;
  best.cost = std::numeric_limits<double>::infinity();
  const bool known = forms::visit(form, [&](auto tag) {
    using F = decltype(tag);
    for (const Values<F>& start : starting_points<F>(near)) {
      FormFit one = solve<F>(machine, samples, start);
      // A start has to be better by more than rounding, so that the choice is the same everywhere.
      if (best.parameters.empty() || one.cost < best.cost * (1 - 1e-6)) {
        best = std::move(one);
      }
    }
  });
  HOPSIM_CHECK(known, "a fit needs a known form");
  return best;
}

}  // namespace hopsim::cost::fit
