// SPDX-License-Identifier: Apache-2.0
// Energy out of a counter that moves in steps. The counter is updated every 10 to 100 ms; between updates it
// says nothing. So its value at a time is taken between the updates around that time, linearly, and a time
// outside of the updates seen has no value. A counter may wrap, or start again when the driver is reloaded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hopsim::collect {

struct EnergyReading {
  std::int64_t t_ns = 0;
  std::uint64_t mj = 0;
};

/// What was used from one reading to the next. A fall is a wrap at 2^32 or 2^64 where that makes a power
/// below 10 kW, over their distance and a second, else a restart: nothing is known then.
[[nodiscard]] std::optional<std::uint64_t> energy_increment(const EnergyReading& from,
                                                            const EnergyReading& to);

/// Readings at which the counter had changed, as energy since the first of them. Stops before a restart.
struct EnergyUpdate {
  std::int64_t t_ns = 0;
  double joules = 0;
};
[[nodiscard]] std::vector<EnergyUpdate> energy_updates(std::span<const EnergyReading> readings);

/// Joules from `start_ns` to `end_ns`; nothing where the updates do not reach over both.
[[nodiscard]] std::optional<double> energy_between(std::span<const EnergyUpdate> updates,
                                                   std::int64_t start_ns, std::int64_t end_ns);

/// Mean power between the first update at or after `start_ns` and the last one at or before `end_ns`: whole
/// steps of the counter, for windows whose ends no update frames. Nothing with fewer than two updates.
struct WindowPower {
  double power_w = 0;
  double window_s = 0;
};
[[nodiscard]] std::optional<WindowPower> power_within(std::span<const EnergyUpdate> updates,
                                                      std::int64_t start_ns, std::int64_t end_ns);

/// Median time between updates; nothing where there are fewer than two intervals.
[[nodiscard]] std::optional<double> counter_step_ms(std::span<const EnergyReading> readings);

/// Mean and half the width of its 95 % confidence interval (Student's t).
struct Mean {
  double value = 0;
  std::optional<double> ci95;  // nothing for fewer than two values
};
[[nodiscard]] Mean mean_of(std::span<const double> values);

}  // namespace hopsim::collect
