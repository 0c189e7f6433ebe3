// SPDX-License-Identifier: Apache-2.0
// What launching costs: host time of a call, time on the GPU from kernel to kernel, waiting for results. Each
// measurement is the median over many; the host's part is by its monotonic clock.
#pragma once

#include <cuda_runtime.h>

#include <optional>

#include "microbench/plan.hpp"
#include "microbench/statistics.hpp"

namespace hopsim::microbench {

struct LaunchCost {
  std::optional<double> host_us;    ///< of one call, or of call and wait together
  std::optional<double> device_us;  ///< per kernel, from event to event
  Summary summary;                  ///< of host_us where it is known, else of device_us
};

[[nodiscard]] LaunchCost measure_launch(const Item& item, cudaStream_t stream);

}  // namespace hopsim::microbench
