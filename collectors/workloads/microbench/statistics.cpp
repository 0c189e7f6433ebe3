// SPDX-License-Identifier: Apache-2.0
#include "microbench/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace hopsim::microbench {

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

Summary summarize(const std::vector<double>& values) {
  const double median = quantile(values, 0.5);
  const double range = quantile(values, 0.75) - quantile(values, 0.25);
  return {median, median > 0 ? range / median : 0, static_cast<int>(values.size())};
}

Mean mean_with_ci95(const std::vector<double>& values) {
  // Two-sided 95 % quantiles of Student's t for 1 to 10 degrees of freedom.
  constexpr std::array<double, 10> kStudent = {12.706, 4.303, 3.182, 2.776, 2.571,
                                               2.447,  2.365, 2.306, 2.262, 2.228};
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  if (values.size() < 2) return {mean, std::nullopt};
  for (const double value : values) squares += (value - mean) * (value - mean);
  const std::size_t freedom = values.size() - 1;
  const double t = freedom <= kStudent.size() ? kStudent[freedom - 1] : 1.96 + 2.4 / (n - 1);
  return {mean, t * std::sqrt(squares / (n - 1) / n)};
}

std::optional<WindowPower> power_between_edges(const std::vector<EnergyEdge>& edges, double from_s,
                                               double to_s) {
  const EnergyEdge* first = nullptr;
  const EnergyEdge* last = nullptr;
  for (const EnergyEdge& edge : edges) {
    if (edge.t_s < from_s || edge.t_s > to_s) continue;
    if (first == nullptr) first = &edge;
    last = &edge;
  }
  if (first == last) return std::nullopt;
  const double window_s = last->t_s - first->t_s;
  return WindowPower{(last->energy_j - first->energy_j) / window_s, window_s};
}

std::optional<double> counter_step_s(const std::vector<EnergyEdge>& edges) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < edges.size(); ++i) steps.push_back(edges[i].t_s - edges[i - 1].t_s);
  if (steps.empty()) return std::nullopt;
  return quantile(std::move(steps), 0.5);
}

}  // namespace hopsim::microbench
