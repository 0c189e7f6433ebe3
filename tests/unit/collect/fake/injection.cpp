// SPDX-License-Identifier: Apache-2.0
// A libhopsim_cupti.so that "captures" two kernels. FAKE_CAPTURE: "error" could not start, "nothing" saw
// none.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/spool_writer.hpp"

extern "C" __attribute__((visibility("default"))) int InitializeInjection() {
  using namespace hopsim;  // NOLINT: one function
  const std::string kind = std::getenv("FAKE_CAPTURE") != nullptr ? std::getenv("FAKE_CAPTURE") : "";
  const char* folder = std::getenv("HOPSIM_SPOOL_DIR");
  collect::SpoolWriter writer;
  if (folder == nullptr ||
      !writer.open(std::string(folder) + "/" + std::to_string(getpid()) + spool::kSuffix)) {
    return 0;
  }
  spool::Device device;
  device.name = writer.name("Fake GPU 1");
  device.uuid.fill(2);
  writer.append(spool::ChunkKind::kDevices, device);
  writer.attribute("graph_mode", std::getenv("HOPSIM_GRAPH_TRACE"));
  if (kind == "error") {
    writer.attribute("error", "another profiler is attached");
  }
  for (std::uint32_t i = 0; i < 2 && kind.empty(); ++i) {
    const std::int64_t at = 1'700'000'000'000'000'000 + i * 100'000;
    spool::ApiCall call;
    call.start_ns = at;
    call.end_ns = at + 5000;
    call.correlation = i + 1;
    call.name = writer.name("cudaLaunchKernel");
    writer.append(spool::ChunkKind::kApiCalls, call);
    spool::Kernel kernel;
    kernel.start_ns = at + 10'000;
    kernel.end_ns = at + 60'000;
    kernel.correlation = i + 1;
    kernel.name = writer.name("gemm_kernel");
    writer.append(spool::ChunkKind::kKernels, kernel);
  }
  writer.close({});
  return 1;
}
