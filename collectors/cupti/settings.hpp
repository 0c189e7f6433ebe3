// SPDX-License-Identifier: Apache-2.0
// What the environment asks of the collector. hopsim-collect sets it; a program started by other means is
// left alone, because without HOPSIM_SPOOL_DIR nothing happens.
//
//   HOPSIM_SPOOL_DIR    folder for PID.hopspool, absolute
//   HOPSIM_GRAPH_TRACE  1: one record a launch of a CUDA graph instead of one a kernel in it
//   HOPSIM_MAX_RECORDS  GPU records after which collection stops
//   HOPSIM_FLUSH_MS     how often records go to disk
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace hopsim::collect {

struct Settings {
  std::string spool_dir;
  bool graph_trace = false;
  std::uint64_t max_records = 20'000'000;  // CUPTI's device buffers hold 25 million and then lose timestamps
  std::chrono::milliseconds flush_period{250};
  std::string error;  // what is wrong with a variable; empty: nothing
};

/// Nothing: the collector is not asked for.
[[nodiscard]] std::optional<Settings> settings_from_environment();

}  // namespace hopsim::collect
