// SPDX-License-Identifier: Apache-2.0
// A look over a spool that was just written: how much of what is in it, its attributes, its GPUs. No
// checksums; `hopsim import` is what reads spools.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hopsim::collect {

struct SpoolScan {
  std::uint64_t gpu_records = 0;  // kernels, copies, graph launches
  std::map<std::string, std::string> attributes;
  std::vector<std::array<std::uint8_t, 16>> gpus;
  bool complete = false;
};

/// Nothing where the file is no spool of this version.
[[nodiscard]] std::optional<SpoolScan> scan_spool(const std::string& path);

/// The spools in a folder, by name.
[[nodiscard]] std::vector<std::string> spools_in(const std::string& folder);

}  // namespace hopsim::collect
