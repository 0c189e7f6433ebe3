// SPDX-License-Identifier: Apache-2.0
#include "nvml/sampler.hpp"

#include <csignal>
#include <ctime>

namespace hopsim::collect {

std::int64_t realtime_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

spool::Power power_record(const NvmlReading& reading, std::int32_t device, std::int64_t t_ns) {
  spool::Power out;
  out.t_ns = t_ns;
  out.device = device;
  out.energy_mj = reading.energy_mj ? static_cast<std::int64_t>(*reading.energy_mj) : -1;
  out.power_mw = reading.power_mw.value_or(-1);
  out.sm_mhz = reading.sm_mhz.value_or(-1);
  out.memory_mhz = reading.memory_mhz.value_or(-1);
  out.temperature_c = reading.temperature_c.value_or(-1);
  out.throttle_reasons = reading.throttle_reasons.value_or(0);
  return out;
}

std::vector<EnergyReading> watch_counter(const Nvml& nvml, const NvmlDevice& device, int changes,
                                         std::chrono::milliseconds limit) {
  std::vector<EnergyReading> out;
  const auto end = std::chrono::steady_clock::now() + limit;
  while (changes > 0 && std::chrono::steady_clock::now() < end) {
    const std::optional<std::uint64_t> mj = nvml.energy_mj(device);
    if (!mj) {
      break;
    }
    const std::int64_t now = realtime_now_ns();  // the value is at least as old as this
    if (out.empty() || out.back().mj != *mj) {
      changes -= out.empty() ? 0 : 1;
      out.push_back({now, *mj});
    }
  }
  return out;
}

Sampler::Sampler(const Nvml& nvml, std::vector<std::size_t> devices, SpoolWriter& spool,
                 std::chrono::milliseconds energy_period, std::chrono::milliseconds power_period)
    : nvml_(nvml),
      devices_(std::move(devices)),
      spool_(spool),
      energy_period_(energy_period),
      power_period_(power_period),
      readings_(devices_.size()) {
  // The thread takes no signals: they are the waiting main thread's.
  sigset_t all{}, before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Sampler::~Sampler() {
  if (thread_.joinable()) {
    static_cast<void>(stop());
  }
}

std::vector<std::vector<EnergyReading>> Sampler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  return std::move(readings_);
}

void Sampler::run() {
  auto next_power = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    const bool whole = std::chrono::steady_clock::now() >= next_power;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      const NvmlDevice& device = nvml_.devices()[devices_[i]];
      if (whole) {
        spool_.append(
            spool::ChunkKind::kPower,
            power_record(nvml_.read(device), static_cast<std::int32_t>(devices_[i]), realtime_now_ns()));
      }
    }
    read_energy();
    next_power += whole ? power_period_ : std::chrono::milliseconds(0);
    lock.lock();
  } while (!wake_.wait_for(lock, energy_period_, [this] { return stop_; }));
  read_energy();  // what the counters say when the thread is ended, however long ago it ran last
}

void Sampler::read_energy() {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (const std::optional<std::uint64_t> mj = nvml_.energy_mj(nvml_.devices()[devices_[i]])) {
      readings_[i].push_back({realtime_now_ns(), *mj});
    }
  }
}

}  // namespace hopsim::collect
