// SPDX-License-Identifier: Apache-2.0
// Reads a GPU's energy counter through NVML, found with dlopen: building needs neither the header nor the
// library. The few declarations are those of NVIDIA's nvml.h. Reads only; no setting is changed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hopsim::microbench {

class NvmlEnergy {
 public:
  /// The GPU with this PCI bus id ("0000:17:00.0"): NVML's order is not that of CUDA. An empty id takes the
  /// first. Throws std::runtime_error, saying why, where there is no NVML or no energy counter.
  explicit NvmlEnergy(const std::string& pci_bus_id);
  ~NvmlEnergy();
  NvmlEnergy(const NvmlEnergy&) = delete;
  NvmlEnergy& operator=(const NvmlEnergy&) = delete;

  [[nodiscard]] double energy_j() const;
  [[nodiscard]] std::optional<double> sm_mhz() const;
  [[nodiscard]] std::optional<double> memory_mhz() const;
  [[nodiscard]] std::optional<double> temperature_c() const;
  [[nodiscard]] std::optional<double> power_limit_w() const;
  [[nodiscard]] std::optional<std::uint64_t> throttle_reasons() const;
  [[nodiscard]] std::string driver() const;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace hopsim::microbench
