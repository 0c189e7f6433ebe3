// SPDX-License-Identifier: Apache-2.0
// CUPTI's numbers and names as those of a trace. The numbers are those of cupti_activity.h and part of
// CUPTI's ABI; they stand here as literals because sim/ includes nothing of CUDA.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "trace/import/spool/spool_format.hpp"
#include "trace/records.hpp"

namespace hopsim::trace::spool_import {

/// CUPTI gives mangled names; all other captures, and the table of kernel classes, have the plain ones.
[[nodiscard]] std::string demangled(const std::string& name);

/// "GPU-01234567-89ab-...", as nvidia-smi prints it; empty where it is all zero.
[[nodiscard]] std::string uuid_text(const std::array<std::uint8_t, 16>& uuid);

[[nodiscard]] MemoryKind memory_kind(const spool::MemoryOp& op);

/// Of a CUpti_ActivityOverheadKind.
[[nodiscard]] std::string overhead_name(std::uint32_t kind);

}  // namespace hopsim::trace::spool_import
