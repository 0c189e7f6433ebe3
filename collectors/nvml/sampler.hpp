// SPDX-License-Identifier: Apache-2.0
// A thread that reads GPUs every few milliseconds: energy counters into memory, whole samples into a spool.
// Boards refresh power every 20 to 100 ms, so faster sampling only repeats; energy is read more often to see
// when its counter moves, but no more than that: a call can take 2 ms of a core that the program may want.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/spool_writer.hpp"
#include "nvml/energy.hpp"
#include "nvml/nvml.hpp"

namespace hopsim::collect {

[[nodiscard]] std::int64_t realtime_now_ns();

/// A reading as a record of the spool.
[[nodiscard]] spool::Power power_record(const NvmlReading& reading, std::int32_t device, std::int64_t t_ns);

/// Reads the counter without pause until it has changed `changes` times or `limit` has passed. The last
/// reading is the moment of the last change.
[[nodiscard]] std::vector<EnergyReading> watch_counter(const Nvml& nvml, const NvmlDevice& device,
                                                       int changes, std::chrono::milliseconds limit);

class Sampler {
 public:
  /// `devices` are indices of nvml.devices(); `spool` takes a sample of each every `power_period`.
  Sampler(const Nvml& nvml, std::vector<std::size_t> devices, SpoolWriter& spool,
          std::chrono::milliseconds energy_period = std::chrono::milliseconds(10),
          std::chrono::milliseconds power_period = std::chrono::milliseconds(50));
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Ends the thread; one list of readings a device.
  [[nodiscard]] std::vector<std::vector<EnergyReading>> stop();

 private:
  void run();
  void read_energy();

  const Nvml& nvml_;
  std::vector<std::size_t> devices_;
  SpoolWriter& spool_;
  std::chrono::milliseconds energy_period_, power_period_;
  std::vector<std::vector<EnergyReading>> readings_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace hopsim::collect
