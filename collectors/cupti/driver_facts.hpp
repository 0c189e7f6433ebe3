// SPDX-License-Identifier: Apache-2.0
// What the CUDA driver says, asked through the libcuda that the program itself has loaded: the collector
// links none. Answers come only once the driver is initialised, which it is not yet when it loads the
// collector.
#pragma once

#include <optional>
#include <string>

namespace hopsim::collect {

struct DriverFacts {
  std::string cuda_version;         // the newest CUDA that the driver runs, "13.0"
  int devices = 0;                  // those that the program sees
  std::string unsupported_devices;  // those that CUPTI can't trace, "0 2"
  int unsupported = 0;
};

/// Nothing: no libcuda is loaded, or it isn't ready.
[[nodiscard]] std::optional<DriverFacts> driver_facts();

}  // namespace hopsim::collect
