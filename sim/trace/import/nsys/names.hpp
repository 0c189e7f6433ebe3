// SPDX-License-Identifier: Apache-2.0
// Texts of Nsight Systems that hold more than a name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hopsim::trace::nsys {

/// "cudaLaunchKernel_v7000" -> "cudaLaunchKernel": the version says nothing about the call.
[[nodiscard]] std::string api_name(std::string name);

/// The sizes in "sizes = [[16, 559], [], [3]]", as torch.autograd.profiler.emit_nvtx writes them.
[[nodiscard]] std::vector<std::vector<std::int64_t>> parse_sizes(std::string_view text);

}  // namespace hopsim::trace::nsys
