// SPDX-License-Identifier: Apache-2.0
// Spools of the collector: one run, one spool a process and perhaps one of hopsim-collect itself (power and
// facts about the run). Kernels join the call of their process with their correlation, calls the innermost
// NVTX range open on their thread; a CUDA graph's kernels take the range open at its capture, where it was
// recorded, else that of the graph launch.
#pragma once

#include <string>
#include <vector>

#include "trace/draft.hpp"

namespace hopsim::trace::spool_import {

/// Whether the file begins as a spool does, plain or gzip.
[[nodiscard]] bool is_spool(const std::string& path);

/// The spools of a folder, by name. Throws InputError where there are none.
[[nodiscard]] std::vector<std::string> spools_in(const std::string& folder);

/// Throws InputError: a file is no readable spool, or nothing was captured because the library could not
/// start.
[[nodiscard]] Draft read_spools(const std::vector<std::string>& paths);
[[nodiscard]] inline Draft read_spool_alone(const std::string& path) { return read_spools({path}); }

}  // namespace hopsim::trace::spool_import
