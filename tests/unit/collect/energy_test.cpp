// SPDX-License-Identifier: Apache-2.0
// Counters by hand: 200 W, updates every 100 ms (20 J), read every 25 ms.
#include "nvml/energy.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nvml/nvml.hpp"
#include "nvml/sampler.hpp"

namespace hopsim::collect {
namespace {

constexpr std::int64_t kMs = 1'000'000;

std::vector<EnergyReading> readings(std::uint64_t first_mj, int count, std::uint64_t modulus = 0) {
  std::vector<EnergyReading> out;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t mj = first_mj + static_cast<std::uint64_t>(i / 4) * 20'000;
    out.push_back({i * 25 * kMs, modulus == 0 ? mj : mj % modulus});
  }
  return out;
}

TEST(Energy, Of_a_window_is_taken_between_the_updates_of_the_counter) {
  const auto updates = energy_updates(readings(5'000'000, 60));
  ASSERT_EQ(updates.size(), 14U);  // at 100, 200 ... 1400 ms
  EXPECT_EQ(updates.front().t_ns, 100 * kMs);
  EXPECT_DOUBLE_EQ(energy_between(updates, 200 * kMs, 1200 * kMs).value(), 200);
  EXPECT_DOUBLE_EQ(energy_between(updates, 250 * kMs, 340 * kMs).value(), 18);
  EXPECT_FALSE(energy_between(updates, 99 * kMs, 500 * kMs));
  EXPECT_FALSE(energy_between(updates, 200 * kMs, 1401 * kMs));
  EXPECT_FALSE(energy_between(updates, 500 * kMs, 200 * kMs));
}

TEST(Energy, Follows_a_wrap_of_32_bits) {
  constexpr std::uint64_t kWrap = std::uint64_t{1} << 32U;
  const auto updates = energy_updates(readings(kWrap - 90'000, 60, kWrap));
  ASSERT_EQ(updates.size(), 14U);
  EXPECT_DOUBLE_EQ(energy_between(updates, 200 * kMs, 1200 * kMs).value(), 200);
}

TEST(Energy, Increments_tell_a_wrap_from_a_restart) {
  EXPECT_EQ(energy_increment({0, 100}, {kMs, 150}).value(), 50U);
  EXPECT_EQ(energy_increment({0, 0xFFFFFFFFU - 9}, {100 * kMs, 10}).value(), 20U);
  EXPECT_EQ(energy_increment({0, ~std::uint64_t{0}}, {100 * kMs, 4}).value(), 5U);
  EXPECT_EQ(energy_increment({0, 0xFFFFFFFFU - 69'999}, {kMs, 50'000}).value(), 120'000U);  // 1200 W, 100 ms
  EXPECT_FALSE(energy_increment({0, 3'000'000'000}, {100 * kMs, 10}));  // 1.3 MJ in 100 ms
}

TEST(Energy, Ends_at_a_restart) {
  auto all = readings(5'000'000, 60);
  for (std::size_t i = 40; i < all.size(); ++i) {  // from 1000 ms on
    all[i].mj = (i - 40) / 4 * 20'000;
  }
  const auto updates = energy_updates(all);
  EXPECT_EQ(updates.back().t_ns, 900 * kMs);
  EXPECT_FALSE(energy_between(updates, 200 * kMs, 1200 * kMs));
}

TEST(Energy, Step_of_the_counter_is_the_median_of_its_intervals) {
  EXPECT_DOUBLE_EQ(counter_step_ms(readings(0, 60)).value(), 100);
  EXPECT_FALSE(counter_step_ms(readings(0, 12)));  // two updates, one interval
  EXPECT_FALSE(counter_step_ms({}));
}

TEST(Energy, power_within_a_window_is_that_of_whole_steps) {
  std::vector<EnergyUpdate> updates;  // 100 W; the counter steps every 0.1 s from 0.05 s on
  for (int i = 0; i < 60; ++i) {
    updates.push_back({50'000'000 + std::int64_t{100'000'000} * i, 10.0 * i});
  }
  const auto power = power_within(updates, 1'000'000'000, 5'000'000'000);
  ASSERT_TRUE(power.has_value());
  EXPECT_NEAR(power->power_w, 100, 1e-9);
  EXPECT_NEAR(power->window_s, 3.9, 1e-9);
}

TEST(Energy, power_is_unknown_without_two_updates_in_the_window) {
  const std::vector<EnergyUpdate> two = {{500, 1}, {2000, 3}};
  EXPECT_FALSE(power_within({}, 0, 1000));
  EXPECT_FALSE(power_within(two, 0, 1000));
  EXPECT_FALSE(power_within(two, 3000, 4000));
  EXPECT_TRUE(power_within(two, 500, 2000));
}

TEST(Energy, Mean_carries_a_confidence_interval) {
  const std::vector<double> three = {9, 10, 11};  // s = 1, t = 4.303, n = 3
  EXPECT_DOUBLE_EQ(mean_of(three).value, 10);
  EXPECT_NEAR(mean_of(three).ci95.value(), 4.303 / std::sqrt(3.0), 1e-9);
  EXPECT_FALSE(mean_of(std::vector<double>{1.0}).ci95);
}

TEST(Nvml, Uuids_are_read) {
  const auto uuid = parse_uuid("GPU-00010203-0405-0607-0809-0a0B0c0D0e0F");
  ASSERT_TRUE(uuid);
  for (std::uint8_t i = 0; i < 16; ++i) {
    EXPECT_EQ((*uuid)[i], i);
  }
  EXPECT_FALSE(parse_uuid("MIG-00010203-0405-0607-0809-0a0b0c0d0e0f"));
  EXPECT_FALSE(parse_uuid("GPU-0001"));
  EXPECT_FALSE(parse_uuid("GPU-00010203-0405-0607-0809-0a0b0c0d0e0f00"));
  EXPECT_FALSE(parse_uuid("GPU-0001020x-0405-0607-0809-0a0b0c0d0e0f"));
}

TEST(Nvml, What_a_gpu_does_not_have_is_minus_one_in_the_record) {
  NvmlReading reading;
  reading.sm_mhz = 1980;
  const spool::Power record = power_record(reading, 3, 17);
  EXPECT_EQ(record.power_mw, -1);
  EXPECT_EQ(record.energy_mj, -1);
  EXPECT_EQ(record.temperature_c, -1);
  EXPECT_EQ(record.sm_mhz, 1980);
  EXPECT_EQ(record.device, 3);
  EXPECT_EQ(record.t_ns, 17);
}

}  // namespace
}  // namespace hopsim::collect
