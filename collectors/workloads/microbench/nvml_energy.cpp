// SPDX-License-Identifier: Apache-2.0
#include "microbench/nvml_energy.hpp"

#include <dlfcn.h>

#include <array>
#include <stdexcept>

namespace hopsim::microbench {

namespace {

// From nvml.h: nvmlReturn_t 0 is success; nvmlClockType_t; nvmlTemperatureSensors_t.
constexpr int kSuccess = 0;
constexpr int kClockSm = 1, kClockMemory = 2;
constexpr int kSensorGpu = 0;
using Device = void*;

}  // namespace

struct NvmlEnergy::Library {
  void* handle = nullptr;
  Device device = nullptr;
  int (*shutdown)() = nullptr;
  int (*total_energy)(Device, unsigned long long*) = nullptr;
  int (*clock)(Device, int, unsigned*) = nullptr;
  int (*temperature)(Device, int, unsigned*) = nullptr;
  int (*power_limit)(Device, unsigned*) = nullptr;
  int (*throttle)(Device, unsigned long long*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;

  template <class Function>
  void load(Function& function, const char* name, bool required) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    if (function == nullptr && required) throw std::runtime_error(std::string("NVML has no ") + name);
  }

  void load_all() {
    load(shutdown, "nvmlShutdown", true);
    load(total_energy, "nvmlDeviceGetTotalEnergyConsumption", true);
    load(clock, "nvmlDeviceGetClockInfo", false);
    load(temperature, "nvmlDeviceGetTemperature", false);
    load(power_limit, "nvmlDeviceGetEnforcedPowerLimit", false);
    load(throttle, "nvmlDeviceGetCurrentClocksThrottleReasons", false);
    load(driver, "nvmlSystemGetDriverVersion", false);
  }

  void open(const std::string& pci_bus_id) {
    int (*by_bus_id)(const char*, Device*) = nullptr;
    int (*by_index)(unsigned, Device*) = nullptr;
    load(by_bus_id, "nvmlDeviceGetHandleByPciBusId_v2", true);
    load(by_index, "nvmlDeviceGetHandleByIndex_v2", true);
    const int status = pci_bus_id.empty() ? by_index(0, &device) : by_bus_id(pci_bus_id.c_str(), &device);
    if (status != kSuccess)
      throw std::runtime_error("NVML does not know the GPU: error " + std::to_string(status));
    unsigned long long millijoules = 0;
    const int counter = total_energy(device, &millijoules);
    if (counter != kSuccess) {
      throw std::runtime_error("NVML gives no energy of this GPU: error " + std::to_string(counter));
    }
  }
};

NvmlEnergy::NvmlEnergy(const std::string& pci_bus_id) : library_(std::make_unique<Library>()) {
  library_->handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library_->handle == nullptr) throw std::runtime_error("libnvidia-ml.so.1 is not there");
  int (*init)() = nullptr;
  library_->load(init, "nvmlInit_v2", true);
  const int status = init();
  if (status != kSuccess) throw std::runtime_error("NVML does not start: error " + std::to_string(status));
  library_->load_all();
  library_->open(pci_bus_id);
}

NvmlEnergy::~NvmlEnergy() { library_->shutdown(); }

double NvmlEnergy::energy_j() const {
  unsigned long long millijoules = 0;
  const int status = library_->total_energy(library_->device, &millijoules);
  if (status != kSuccess) throw std::runtime_error("NVML gives no energy: error " + std::to_string(status));
  return static_cast<double>(millijoules) * 1e-3;
}

std::optional<double> NvmlEnergy::sm_mhz() const {
  unsigned value = 0;
  if (library_->clock == nullptr || library_->clock(library_->device, kClockSm, &value) != kSuccess)
    return {};
  return value;
}

std::optional<double> NvmlEnergy::memory_mhz() const {
  unsigned value = 0;
  if (library_->clock == nullptr || library_->clock(library_->device, kClockMemory, &value) != kSuccess)
    return {};
  return value;
}

std::optional<double> NvmlEnergy::temperature_c() const {
  unsigned value = 0;
  const auto read = library_->temperature;
  if (read == nullptr || read(library_->device, kSensorGpu, &value) != kSuccess) return {};
  return value;
}

std::optional<double> NvmlEnergy::power_limit_w() const {
  unsigned milliwatts = 0;
  if (library_->power_limit == nullptr || library_->power_limit(library_->device, &milliwatts) != kSuccess)
    return {};
  return milliwatts * 1e-3;
}

std::optional<std::uint64_t> NvmlEnergy::throttle_reasons() const {
  unsigned long long reasons = 0;
  if (library_->throttle == nullptr || library_->throttle(library_->device, &reasons) != kSuccess) return {};
  return reasons;
}

std::string NvmlEnergy::driver() const {
  std::array<char, 96> text{};
  if (library_->driver == nullptr || library_->driver(text.data(), text.size()) != kSuccess) return "unknown";
  return text.data();
}

}  // namespace hopsim::microbench
