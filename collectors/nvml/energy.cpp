// SPDX-License-Identifier: Apache-2.0
#include "nvml/energy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace hopsim::collect {

namespace {
constexpr double kMostWatts = 10'000;
// A step of the counter holds the energy of 100 ms and more, however soon one reading follows another.
constexpr std::int64_t kLongestStepNs = 1'000'000'000;
}  // namespace

std::optional<std::uint64_t> energy_increment(const EnergyReading& from, const EnergyReading& to) {
  if (to.mj >= from.mj) {
    return to.mj - from.mj;
  }
  const double most_mj =
      kMostWatts * static_cast<double>(to.t_ns - from.t_ns + kLongestStepNs) * 1e-6;  // W ns = 1e-6 mJ
  for (const unsigned bits : {32U, 64U}) {
    if (bits == 32U && from.mj >> 32U != 0) {
      continue;
    }
    const std::uint64_t used =
        bits == 32U ? (std::uint64_t{1} << 32U) - from.mj + to.mj : to.mj - from.mj;  // modulo 2^64
    if (static_cast<double>(used) <= most_mj) {
      return used;
    }
  }
  return std::nullopt;
}

std::vector<EnergyUpdate> energy_updates(std::span<const EnergyReading> readings) {
  std::vector<EnergyUpdate> out;
  double joules = 0;
  for (std::size_t i = 1; i < readings.size(); ++i) {
    if (readings[i].mj == readings[i - 1].mj) {
      continue;
    }
    const std::optional<std::uint64_t> used = energy_increment(readings[i - 1], readings[i]);
    if (!used) {
      break;
    }
    joules += out.empty() ? 0 : static_cast<double>(*used) * 1e-3;
    out.push_back({readings[i].t_ns, joules});
  }
  return out;
}

std::optional<double> energy_between(std::span<const EnergyUpdate> updates, std::int64_t start_ns,
                                     std::int64_t end_ns) {
  const auto at = [&](std::int64_t t) -> std::optional<double> {
    const auto right = std::lower_bound(updates.begin(), updates.end(), t,
                                        [](const EnergyUpdate& u, std::int64_t x) { return u.t_ns < x; });
    if (right == updates.end()) {
      return std::nullopt;
    }
    if (right->t_ns == t) {
      return right->joules;
    }
    if (right == updates.begin()) {
      return std::nullopt;
    }
    const EnergyUpdate& left = *std::prev(right);
    const double share = static_cast<double>(t - left.t_ns) / static_cast<double>(right->t_ns - left.t_ns);
    return left.joules + share * (right->joules - left.joules);
  };
  const std::optional<double> start = at(start_ns), end = at(end_ns);
  if (!start || !end || end_ns < start_ns) {
    return std::nullopt;
  }
  return *end - *start;
}

std::optional<WindowPower> power_within(std::span<const EnergyUpdate> updates, std::int64_t start_ns,
                                        std::int64_t end_ns) {
  const auto first = std::ranges::lower_bound(updates, start_ns, {}, &EnergyUpdate::t_ns);
  const auto end = std::ranges::upper_bound(updates, end_ns, {}, &EnergyUpdate::t_ns);
  if (end - first < 2) {
    return std::nullopt;
  }
  const EnergyUpdate& last = *std::prev(end);
  const double window_s = static_cast<double>(last.t_ns - first->t_ns) * 1e-9;
  return WindowPower{(last.joules - first->joules) / window_s, window_s};
}

std::optional<double> counter_step_ms(std::span<const EnergyReading> readings) {
  const std::vector<EnergyUpdate> updates = energy_updates(readings);
  if (updates.size() < 3) {
    return std::nullopt;
  }
  std::vector<double> steps;
  for (std::size_t i = 1; i < updates.size(); ++i) {
    steps.push_back(static_cast<double>(updates[i].t_ns - updates[i - 1].t_ns) * 1e-6);
  }
  std::sort(steps.begin(), steps.end());
  const std::size_t half = steps.size() / 2;
  return steps.size() % 2 == 1 ? steps[half] : (steps[half - 1] + steps[half]) / 2;
}

Mean mean_of(std::span<const double> values) {
  // Student's t for 97.5 % by degrees of freedom, from 1 on.
  static constexpr std::array kStudent = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                          2.306,  2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
                                          2.131,  2.120, 2.110, 2.101, 2.093, 2.086};
  Mean out;
  const auto n = static_cast<double>(values.size());
  if (values.empty()) {
    return out;
  }
  out.value = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() > 1) {
    double squares = 0;
    for (const double v : values) {
      squares += (v - out.value) * (v - out.value);
    }
    const std::size_t freedom = values.size() - 1;
    const double t = freedom <= kStudent.size() ? kStudent[freedom - 1] : 1.96 + 2.4 / (n - 1);  // to 0.1 %
    out.ci95 = t * std::sqrt(squares / static_cast<double>(freedom) / n);
  }
  return out;
}

}  // namespace hopsim::collect
