// SPDX-License-Identifier: Apache-2.0
#include "cupti/driver_facts.hpp"

#include <cupti.h>
#include <dlfcn.h>

namespace hopsim::collect {

namespace {

/// Calls a function of libcuda that fills an int; nothing when there is none or it fails.
std::optional<int> ask(void* libcuda, const char* function) {
  auto* call = reinterpret_cast<CUresult (*)(int*)>(dlsym(libcuda, function));
  int value = 0;
  if (call == nullptr || call(&value) != CUDA_SUCCESS) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<DriverFacts> driver_facts() {
  void* libcuda = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (libcuda == nullptr) {
    return std::nullopt;
  }
  const std::optional<int> devices = ask(libcuda, "cuDeviceGetCount");
  const std::optional<int> version = ask(libcuda, "cuDriverGetVersion");
  dlclose(libcuda);
  if (!devices) {
    return std::nullopt;
  }
  DriverFacts facts;
  facts.devices = *devices;
  if (version) {
    facts.cuda_version = std::to_string(*version / 1000) + "." + std::to_string(*version % 1000 / 10);
  }
  for (int device = 0; device < facts.devices; ++device) {
    int support = 1;
    if (cuptiDeviceSupported(device, &support) == CUPTI_SUCCESS && support == 0) {
      facts.unsupported_devices += (facts.unsupported == 0 ? "" : " ") + std::to_string(device);
      ++facts.unsupported;
    }
  }
  return facts;
}

}  // namespace hopsim::collect
