// SPDX-License-Identifier: Apache-2.0
// A scenario (`hopsim: scenario/1`): one point to run, by names. Every key may be left out here and given on
// the command line instead.
#pragma once

#include <optional>
#include <string>

#include "spec/gpu_count.hpp"

namespace hopsim::spec {

struct ScenarioSpec {
  std::optional<std::string> gpu, host, model, stack, versus, chain;
  std::optional<int> batch;
  std::optional<GpuCount> gpus;
};

/// Reads and checks a scenario file. Throws InputError.
[[nodiscard]] ScenarioSpec load_scenario(const std::string& path);

}  // namespace hopsim::spec
