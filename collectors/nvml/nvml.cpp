// SPDX-License-Identifier: Apache-2.0
#include "nvml/nvml.hpp"

#include <dlfcn.h>

#include <cstddef>

namespace hopsim::collect {

namespace {

constexpr int kSuccess = 0;
constexpr unsigned kPowerInstant = 186;  // NVML_FI_DEV_POWER_INSTANT
constexpr int kTypeUnsignedInt = 1, kTypeUnsignedLong = 2, kTypeUnsignedLongLong = 3;  // nvmlValueType_t
constexpr unsigned kClockSm = 1, kClockMemory = 2;                                     // nvmlClockType_t
constexpr unsigned kTemperatureGpu = 0;
constexpr std::uint64_t kMostPowerMw = 100'000'000;

struct FieldValue {  // nvmlFieldValue_t
  std::uint32_t field = 0, scope = 0;
  std::int64_t timestamp_us = 0, latency_us = 0;
  std::int32_t type = 0, result = 0;
  union {
    double d;
    std::uint32_t ui;
    std::uint64_t ul;
  } value{};
};
static_assert(sizeof(FieldValue) == 40 && offsetof(FieldValue, value) == 32);

}  // namespace

struct Nvml::Functions {
  using Device = void*;
  void* library = nullptr;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error)(int) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*by_index)(unsigned, Device*) = nullptr;
  int (*by_bus_id)(const char*, Device*) = nullptr;
  int (*name)(Device, char*, unsigned) = nullptr;
  int (*uuid)(Device, char*, unsigned) = nullptr;
  int (*energy)(Device, unsigned long long*) = nullptr;
  int (*fields)(Device, int, FieldValue*) = nullptr;
  int (*clock)(Device, unsigned, unsigned*) = nullptr;
  int (*temperature)(Device, unsigned, unsigned*) = nullptr;
  int (*power_limit)(Device, unsigned*) = nullptr;
  int (*throttle)(Device, unsigned long long*) = nullptr;

  template <class F>
  void find(F& function, const char* symbol) const {
    function = reinterpret_cast<F>(dlsym(library, symbol));
  }
};

std::optional<Uuid> parse_uuid(const std::string& text) {
  if (!text.starts_with("GPU-")) {
    return std::nullopt;
  }
  Uuid out{};
  std::size_t digits = 0;
  for (const char c : text.substr(4)) {
    if (c == '-') {
      continue;
    }
    const int value = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (value < 0 || digits >= 2 * out.size()) {
      return std::nullopt;
    }
    std::uint8_t& byte = out[digits / 2];
    byte = static_cast<std::uint8_t>((byte << 4U) | value);
    ++digits;
  }
  return digits == 2 * out.size() ? std::optional(out) : std::nullopt;
}

Nvml::Nvml() : nvml_(std::make_unique<Functions>()) {}

Nvml::~Nvml() {
  if (nvml_->shutdown != nullptr) {
    nvml_->shutdown();
  }
  if (nvml_->library != nullptr) {
    dlclose(nvml_->library);
  }
}

std::unique_ptr<Nvml> Nvml::open(std::string& why) {
  std::unique_ptr<Nvml> out(new Nvml);
  if (!out->start(why)) {
    out->nvml_->shutdown = nullptr;  // it was not started
    return nullptr;
  }
  out->find_devices();
  if (out->devices_.empty()) {
    why = "NVML knows no GPU";
    return nullptr;
  }
  return out;
}

bool Nvml::start(std::string& why) {
  Functions& f = *nvml_;
  f.library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (f.library == nullptr) {
    why = "libnvidia-ml.so.1 can't be loaded; it comes with the NVIDIA driver";
    return false;
  }
  f.find(f.init, "nvmlInit_v2");
  f.find(f.shutdown, "nvmlShutdown");
  f.find(f.error, "nvmlErrorString");
  f.find(f.driver, "nvmlSystemGetDriverVersion");
  f.find(f.count, "nvmlDeviceGetCount_v2");
  f.find(f.by_index, "nvmlDeviceGetHandleByIndex_v2");
  f.find(f.by_bus_id, "nvmlDeviceGetHandleByPciBusId_v2");
  f.find(f.name, "nvmlDeviceGetName");
  f.find(f.uuid, "nvmlDeviceGetUUID");
  f.find(f.energy, "nvmlDeviceGetTotalEnergyConsumption");
  f.find(f.fields, "nvmlDeviceGetFieldValues");
  f.find(f.clock, "nvmlDeviceGetClockInfo");
  f.find(f.temperature, "nvmlDeviceGetTemperature");
  f.find(f.power_limit, "nvmlDeviceGetEnforcedPowerLimit");
  f.find(f.throttle, "nvmlDeviceGetCurrentClocksThrottleReasons");
  if (f.init == nullptr || f.count == nullptr || f.by_index == nullptr || f.uuid == nullptr) {
    why = "libnvidia-ml.so.1 lacks functions of NVML; the driver is too old";
    return false;
  }
  if (const int status = f.init(); status != kSuccess) {
    why = std::string("NVML can't be started: ") +
          (f.error != nullptr ? f.error(status) : "status " + std::to_string(status));
    return false;
  }
  return true;
}

void Nvml::find_devices() {
  unsigned count = 0;
  nvml_->count(&count);
  for (unsigned i = 0; i < count; ++i) {
    void* handle = nullptr;
    if (nvml_->by_index(i, &handle) != kSuccess) {
      continue;
    }
    if (const std::optional<NvmlDevice> device = describe(handle)) {
      devices_.push_back(*device);
    }
  }
}

std::optional<NvmlDevice> Nvml::describe(void* handle) const {
  NvmlDevice device;
  device.handle = handle;
  std::array<char, 96> text{};
  if (nvml_->uuid(handle, text.data(), text.size()) != kSuccess) {
    return std::nullopt;
  }
  device.uuid_text = text.data();
  const std::optional<Uuid> uuid = parse_uuid(device.uuid_text);
  if (!uuid) {
    return std::nullopt;
  }
  device.uuid = *uuid;
  text.fill(0);
  if (nvml_->name != nullptr && nvml_->name(handle, text.data(), text.size()) == kSuccess) {
    device.name = text.data();
  }
  return device;
}

std::optional<NvmlDevice> Nvml::device_at(const std::string& pci_bus_id) const {
  void* handle = nullptr;
  const bool known = nvml_->by_bus_id != nullptr && nvml_->by_bus_id(pci_bus_id.c_str(), &handle) == kSuccess;
  return known ? describe(handle) : std::nullopt;
}

std::string Nvml::driver_version() const {
  std::array<char, 96> text{};
  const bool known = nvml_->driver != nullptr && nvml_->driver(text.data(), text.size()) == kSuccess;
  return known ? text.data() : "";
}

std::optional<std::uint64_t> Nvml::energy_mj(const NvmlDevice& device) const {
  unsigned long long mj = 0;
  if (nvml_->energy == nullptr || nvml_->energy(device.handle, &mj) != kSuccess) {
    return std::nullopt;
  }
  return mj;
}

std::optional<std::int32_t> Nvml::power_limit_mw(const NvmlDevice& device) const {
  unsigned mw = 0;
  if (nvml_->power_limit == nullptr || nvml_->power_limit(device.handle, &mw) != kSuccess) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(mw);
}

NvmlReading Nvml::read(const NvmlDevice& device) const {
  NvmlReading out;
  out.energy_mj = energy_mj(device);
  FieldValue power;
  power.field = kPowerInstant;
  if (nvml_->fields != nullptr && nvml_->fields(device.handle, 1, &power) == kSuccess &&
      power.result == kSuccess) {
    const bool wide = power.type == kTypeUnsignedLong || power.type == kTypeUnsignedLongLong;
    const std::uint64_t mw = wide ? power.value.ul : power.value.ui;
    if ((wide || power.type == kTypeUnsignedInt) && mw < kMostPowerMw) {
      out.power_mw = static_cast<std::int32_t>(mw);
    }
  }
  const auto get = [&](auto function, unsigned what) -> std::optional<std::int32_t> {
    unsigned value = 0;
    if (function == nullptr || function(device.handle, what, &value) != kSuccess) {
      return std::nullopt;
    }
    return static_cast<std::int32_t>(value);
  };
  out.sm_mhz = get(nvml_->clock, kClockSm);
  out.memory_mhz = get(nvml_->clock, kClockMemory);
  out.temperature_c = get(nvml_->temperature, kTemperatureGpu);
  unsigned long long reasons = 0;
  if (nvml_->throttle != nullptr && nvml_->throttle(device.handle, &reasons) == kSuccess) {
    out.throttle_reasons = reasons;
  }
  return out;
}

}  // namespace hopsim::collect
