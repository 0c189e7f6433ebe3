// SPDX-License-Identifier: Apache-2.0
#include "cupti/activities.hpp"

#include <utility>

namespace hopsim::collect {

namespace {

constexpr CUpti_ActivityKind kNeeded[] = {CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMCPY2,
                                          CUPTI_ACTIVITY_KIND_MEMSET, CUPTI_ACTIVITY_KIND_RUNTIME,
                                          CUPTI_ACTIVITY_KIND_DRIVER, CUPTI_ACTIVITY_KIND_MARKER};

constexpr CUpti_ActivityKind kUseful[] = {CUPTI_ACTIVITY_KIND_SYNCHRONIZATION, CUPTI_ACTIVITY_KIND_OVERHEAD,
                                          CUPTI_ACTIVITY_KIND_DEVICE, CUPTI_ACTIVITY_KIND_CONTEXT,
                                          CUPTI_ACTIVITY_KIND_STREAM};

constexpr CUpti_CallbackId kRuntimeNoise[] = {
    CUPTI_RUNTIME_TRACE_CBID_cudaGetDevice_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaSetDevice_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaGetDeviceCount_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaGetDeviceProperties_v12000,
    CUPTI_RUNTIME_TRACE_CBID_cudaDeviceGetAttribute_v5000, CUPTI_RUNTIME_TRACE_CBID_cudaGetLastError_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaPeekAtLastError_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaEventCreate_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaEventCreateWithFlags_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaEventDestroy_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaEventQuery_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaStreamIsCapturing_v10000,
    CUPTI_RUNTIME_TRACE_CBID_cudaStreamGetCaptureInfo_v10010,
    CUPTI_RUNTIME_TRACE_CBID_cudaStreamGetCaptureInfo_v2_v11030,
    CUPTI_RUNTIME_TRACE_CBID_cudaStreamGetCaptureInfo_v12030,
    CUPTI_RUNTIME_TRACE_CBID_cudaThreadExchangeStreamCaptureMode_v10010,
    CUPTI_RUNTIME_TRACE_CBID_cudaGetDriverEntryPoint_v11030,
    CUPTI_RUNTIME_TRACE_CBID_cudaGetDriverEntryPointByVersion_v12050,
    // What the <<<>>> of CUDA 13 compiles to besides the launch itself, and what static constructors call.
    CUPTI_RUNTIME_TRACE_CBID___cudaPushCallConfiguration_v13000,
    CUPTI_RUNTIME_TRACE_CBID___cudaPopCallConfiguration_v13000,
    CUPTI_RUNTIME_TRACE_CBID___cudaGetKernel_v13000, CUPTI_RUNTIME_TRACE_CBID___cudaGetProcAddress_v13000,
    CUPTI_RUNTIME_TRACE_CBID___cudaRegisterFatBinary_v13000,
    CUPTI_RUNTIME_TRACE_CBID___cudaRegisterFatBinaryEnd_v13000,
    CUPTI_RUNTIME_TRACE_CBID___cudaRegisterFunction_v13000, CUPTI_RUNTIME_TRACE_CBID___cudaRegisterVar_v13000,
    CUPTI_RUNTIME_TRACE_CBID_cudaFuncGetAttributes_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaFuncSetAttribute_v9000,
    CUPTI_RUNTIME_TRACE_CBID_cudaPointerGetAttributes_v4000,
    CUPTI_RUNTIME_TRACE_CBID_cudaOccupancyMaxActiveBlocksPerMultiprocessor_v6050,
    CUPTI_RUNTIME_TRACE_CBID_cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags_v7000};

constexpr CUpti_CallbackId kDriverNoise[] = {
    CUPTI_DRIVER_TRACE_CBID_cuDriverGetVersion,
    CUPTI_DRIVER_TRACE_CBID_cuDeviceGet,
    CUPTI_DRIVER_TRACE_CBID_cuDeviceGetCount,
    CUPTI_DRIVER_TRACE_CBID_cuDeviceGetAttribute,
    CUPTI_DRIVER_TRACE_CBID_cuDevicePrimaryCtxGetState,
    CUPTI_DRIVER_TRACE_CBID_cuCtxGetCurrent,
    CUPTI_DRIVER_TRACE_CBID_cuCtxSetCurrent,
    CUPTI_DRIVER_TRACE_CBID_cuCtxGetDevice,
    CUPTI_DRIVER_TRACE_CBID_cuCtxPushCurrent_v2,
    CUPTI_DRIVER_TRACE_CBID_cuCtxPopCurrent_v2,
    CUPTI_DRIVER_TRACE_CBID_cuStreamGetCtx,
    CUPTI_DRIVER_TRACE_CBID_cuStreamIsCapturing,
    CUPTI_DRIVER_TRACE_CBID_cuStreamGetCaptureInfo_v2,
    CUPTI_DRIVER_TRACE_CBID_cuStreamGetCaptureInfo_v3,
    CUPTI_DRIVER_TRACE_CBID_cuThreadExchangeStreamCaptureMode,
    CUPTI_DRIVER_TRACE_CBID_cuEventQuery,
    CUPTI_DRIVER_TRACE_CBID_cuPointerGetAttribute,
    CUPTI_DRIVER_TRACE_CBID_cuPointerGetAttributes,
    CUPTI_DRIVER_TRACE_CBID_cuFuncGetAttribute,
    CUPTI_DRIVER_TRACE_CBID_cuKernelGetAttribute,
    CUPTI_DRIVER_TRACE_CBID_cuKernelGetFunction,
    CUPTI_DRIVER_TRACE_CBID_cuGetProcAddress_v2,
    CUPTI_DRIVER_TRACE_CBID_cuOccupancyMaxActiveBlocksPerMultiprocessor,
    CUPTI_DRIVER_TRACE_CBID_cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags};

}  // namespace

std::string describe(CUptiResult result, const char* call) {
  const char* text = nullptr;
  if (cuptiGetResultString(result, &text) != CUPTI_SUCCESS || text == nullptr) {
    text = "unknown error";
  }
  return std::string(call) + ": " + text;
}

bool CuptiErrors::check(CUptiResult result, const char* call) {
  if (result == CUPTI_SUCCESS) {
    return true;
  }
  if (count_.fetch_add(1) == 0) {
    const std::string text = describe(result, call);
    const std::lock_guard lock(mutex_);
    first_ = text;
  }
  return false;
}

std::string CuptiErrors::first() const {
  const std::lock_guard lock(mutex_);
  return first_;
}

std::string Activities::enable(bool graph_trace, CuptiErrors& errors) {
  const auto on = [this](CUpti_ActivityKind kind) {
    const CUptiResult result = cuptiActivityEnable(kind);
    if (result == CUPTI_SUCCESS) {
      const std::lock_guard lock(mutex_);
      enabled_.push_back(kind);
    }
    return result;
  };
  // Before kernels, so that no launch of a graph falls between the two ways of recording it.
  std::vector<CUpti_ActivityKind> needed{std::begin(kNeeded), std::end(kNeeded)};
  if (graph_trace) {
    needed.push_back(CUPTI_ACTIVITY_KIND_GRAPH_TRACE);
  }
  needed.push_back(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  for (const CUpti_ActivityKind kind : kUseful) {
    errors.check(on(kind), "cuptiActivityEnable");
  }
  for (const CUpti_ActivityKind kind : needed) {
    if (const CUptiResult result = on(kind); result != CUPTI_SUCCESS) {
      return describe(result, ("cuptiActivityEnable(" + std::to_string(kind) + ")").c_str());
    }
  }
  for (const CUpti_CallbackId id : kRuntimeNoise) {
    errors.check(cuptiActivityEnableRuntimeApi(id, 0), "cuptiActivityEnableRuntimeApi");
  }
  for (const CUpti_CallbackId id : kDriverNoise) {
    errors.check(cuptiActivityEnableDriverApi(id, 0), "cuptiActivityEnableDriverApi");
  }
  errors.check(cuptiActivityEnableAllSyncRecords(0), "cuptiActivityEnableAllSyncRecords");
  return "";
}

void Activities::disable(CuptiErrors& errors) {
  std::vector<CUpti_ActivityKind> kinds;
  {
    const std::lock_guard lock(mutex_);
    kinds = std::exchange(enabled_, {});
  }
  for (const CUpti_ActivityKind kind : kinds) {
    errors.check(cuptiActivityDisable(kind), "cuptiActivityDisable");
  }
}

}  // namespace hopsim::collect
