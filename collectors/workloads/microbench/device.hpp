// SPDX-License-Identifier: Apache-2.0
// Checked CUDA and cuBLAS calls, owned device memory, and what the GPU says about itself. A failed call
// throws: a row is lost, never wrong. Memory is plain cudaMalloc.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace hopsim::microbench {

/// What this GPU or its memory cannot do: no row, and no failure.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // clears what is not sticky
  throw std::runtime_error(std::string(call) + ": " + cudaGetErrorString(status));
}

inline void check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw std::runtime_error(std::string(call) + ": " + cublasGetStatusString(status));
}

#define HOPSIM_CHECKED(call) ::hopsim::microbench::check((call), #call)

class DeviceBuffer {
 public:
  explicit DeviceBuffer(std::int64_t bytes) : bytes_(bytes) {
    HOPSIM_CHECKED(cudaMalloc(&data_, static_cast<std::size_t>(bytes)));
  }
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  /// `T` at a byte offset.
  template <class T>
  [[nodiscard]] T* at(std::int64_t offset = 0) const {
    return reinterpret_cast<T*>(static_cast<char*>(data_) + offset);
  }

 private:
  void* data_ = nullptr;
  std::int64_t bytes_ = 0;
};

struct Gpu {
  std::string name, pci_bus_id;
  int major = 0, minor = 0, sms = 0, driver_api = 0, runtime = 0;
  std::int64_t l2_bytes = 0, memory_bytes = 0;
  double hbm_bytes_per_s = 0;  ///< by the memory's clock and width; for planning only
};

/// PCI bus id of device 0. Makes no context.
[[nodiscard]] inline std::string first_pci_bus_id() {
  char text[32] = {};
  HOPSIM_CHECKED(cudaDeviceGetPCIBusId(text, sizeof(text), 0));
  return text;
}

/// Of device 0.
[[nodiscard]] inline Gpu describe_gpu() {
  cudaDeviceProp properties{};
  HOPSIM_CHECKED(cudaGetDeviceProperties(&properties, 0));
  Gpu gpu;
  gpu.name = properties.name;
  gpu.pci_bus_id = first_pci_bus_id();
  gpu.major = properties.major;
  gpu.minor = properties.minor;
  gpu.sms = properties.multiProcessorCount;
  gpu.l2_bytes = properties.l2CacheSize;
  gpu.memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem);
  HOPSIM_CHECKED(cudaDriverGetVersion(&gpu.driver_api));
  HOPSIM_CHECKED(cudaRuntimeGetVersion(&gpu.runtime));
  int khz = 0, bits = 0;
  HOPSIM_CHECKED(cudaDeviceGetAttribute(&khz, cudaDevAttrMemoryClockRate, 0));
  HOPSIM_CHECKED(cudaDeviceGetAttribute(&bits, cudaDevAttrGlobalMemoryBusWidth, 0));
  gpu.hbm_bytes_per_s = 2.0 * 1e3 * khz * bits / 8;  // two transfers a clock
  if (gpu.hbm_bytes_per_s < 1e11) gpu.hbm_bytes_per_s = 3e11;
  return gpu;
}

}  // namespace hopsim::microbench
