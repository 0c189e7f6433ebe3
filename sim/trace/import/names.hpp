// SPDX-License-Identifier: Apache-2.0
// Texts and codes that several formats of captures share, read the same way for each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace/draft.hpp"

namespace hopsim::trace {

/// "cudaLaunchKernel_v7000" -> "cudaLaunchKernel": the version says nothing about the call.
[[nodiscard]] std::string api_name(std::string name);

/// Of a CUpti_ActivityMemcpyKind; its numbers are part of CUPTI's ABI.
[[nodiscard]] MemoryKind copy_kind(std::int64_t code);

/// The sizes in "sizes = [[16, 559], [], [3]]", as torch.autograd.profiler.emit_nvtx writes them.
[[nodiscard]] std::vector<std::vector<std::int64_t>> parse_sizes(std::string_view text);

/// Adds an NVTX range; where emit_nvtx wrote its text ("aten::addmm, op_id = 990346, sizes = [[8], [2, 3]]")
/// it becomes an operator with its name alone and the sizes of its matrix product.
void add_nvtx_range(Draft& draft, std::int64_t start_ns, std::int64_t end_ns, std::int64_t thread,
                    const std::string& text);

}  // namespace hopsim::trace
