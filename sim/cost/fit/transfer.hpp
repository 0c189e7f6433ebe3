// SPDX-License-Identifier: Apache-2.0
// Kernel families for a GPU that nobody measured: those of its nearest measured relative. Efficiencies and
// overheads are kept, peaks are its own. The correction surface goes along only to the same chip with another
// memory, since it describes how waves fall on the SMs. Nearest: same architecture first, then the memory
// system, by the logarithms of the ratios of bandwidth, of L2 size and of SMs. An L2 fitted as slower than
// memory is not lent to another chip: the form's starting values stand in.
#pragma once

#include <vector>

#include "spec/gpu.hpp"
#include "spec/kernel_families.hpp"

namespace hopsim::cost::fit {

/// The relatives from near to far; ties by name.
[[nodiscard]] std::vector<const spec::GpuSpec*> by_kinship(const spec::GpuSpec& gpu,
                                                           const std::vector<spec::GpuSpec>& relatives);

/// Families that a relative has fitted and `own` lacks, for a GPU with the tensor peak they need
/// and of an architecture that runs their design.
/// `transfer_error90` is what a GPU left out and predicted from its relatives was off by.
[[nodiscard]] std::map<std::string, spec::KernelFamily> borrowed_families(
    const spec::GpuSpec& gpu, const std::map<std::string, spec::KernelFamily>& own,
    const std::vector<spec::GpuSpec>& relatives, const spec::FamilyRules& rules, double transfer_error90);

}  // namespace hopsim::cost::fit
