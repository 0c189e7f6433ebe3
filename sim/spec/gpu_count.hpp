// SPDX-License-Identifier: Apache-2.0
// How many equal GPUs a model is split over (tensor parallelism): 1, 2, 4, 8, or `min`, the fewest of these
// whose memories hold it. A grid writes it behind the GPU's name, "h100-80-sxm:2", "l4:min", as Slurm does.
#pragma once

#include <array>
#include <string>

#include "base/errors.hpp"

namespace hopsim::spec {

inline constexpr std::array<int, 4> kGpuCounts = {1, 2, 4, 8};

struct GpuCount {
  int count = 1;  // 0: the fewest that hold the model

  [[nodiscard]] bool fewest() const { return count == 0; }
  friend auto operator<=>(const GpuCount&, const GpuCount&) = default;
};

/// "1", "2", "4", "8" or "min". Throws InputError at `at`.
[[nodiscard]] GpuCount parse_gpu_count(const std::string& text, const Location& at = {});

/// A GPU of a grid.
struct GpuEntry {
  std::string name;  // or path of a profile
  GpuCount gpus;
};
/// "NAME" or "NAME:COUNT"; what stands behind the last ':' is a count where it is a number or `min`. Throws
/// InputError.
[[nodiscard]] GpuEntry parse_gpu_entry(const std::string& text);

}  // namespace hopsim::spec
