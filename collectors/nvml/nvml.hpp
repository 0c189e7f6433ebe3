// SPDX-License-Identifier: Apache-2.0
// The part of NVML that hopsim needs, by dlopen("libnvidia-ml.so.1") with our own declarations: the header is
// not part of every CUDA install, the library comes with the driver. A function that a driver lacks makes its
// readings absent, nothing else. Sources: NVML API reference; power is the field POWER_INSTANT, because
// nvmlDeviceGetPowerUsage is a trailing average of one second on most GPUs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hopsim::collect {

using Uuid = std::array<std::uint8_t, 16>;

/// "GPU-01234567-89ab-..." as bytes; nothing where it is no such text.
[[nodiscard]] std::optional<Uuid> parse_uuid(const std::string& text);

struct NvmlDevice {
  void* handle = nullptr;
  std::string name, uuid_text;
  Uuid uuid{};
};

/// What one GPU says now; what it does not have is absent.
struct NvmlReading {
  std::optional<std::uint64_t> energy_mj;  // counter since the driver was loaded
  std::optional<std::int32_t> power_mw, sm_mhz, memory_mhz, temperature_c;
  std::optional<std::uint64_t> throttle_reasons;
};

class Nvml {
 public:
  /// Nothing where there is no library, driver or GPU; `why` says which.
  [[nodiscard]] static std::unique_ptr<Nvml> open(std::string& why);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  [[nodiscard]] const std::vector<NvmlDevice>& devices() const { return devices_; }
  /// The GPU at "0000:17:00.0", as CUDA names it: NVML's order of GPUs is its own. Nothing where it knows
  /// none.
  [[nodiscard]] std::optional<NvmlDevice> device_at(const std::string& pci_bus_id) const;
  [[nodiscard]] std::string driver_version() const;
  [[nodiscard]] std::optional<std::uint64_t> energy_mj(const NvmlDevice& device) const;
  [[nodiscard]] std::optional<std::int32_t> power_limit_mw(const NvmlDevice& device) const;
  [[nodiscard]] NvmlReading read(const NvmlDevice& device) const;

 private:
  struct Functions;
  Nvml();
  bool start(std::string& why);
  void find_devices();
  [[nodiscard]] std::optional<NvmlDevice> describe(void* handle) const;

  std::unique_ptr<Functions> nvml_;
  std::vector<NvmlDevice> devices_;
};

}  // namespace hopsim::collect
