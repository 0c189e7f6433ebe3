// SPDX-License-Identifier: Apache-2.0
// Runs the hopsim command as a user would.
#pragma once

#include <string>
#include <vector>

#include "support/program.hpp"

namespace hopsim::test {

/// Runs `hopsim ARGUMENTS...` without a shell in between.
[[nodiscard]] Outcome hopsim(const std::vector<std::string>& arguments);

/// The same, killed wherever it is once it has used that much processor time (status -1): the signal has no
/// handler, so nothing is cleaned up.
[[nodiscard]] Outcome hopsim_killed_after(int cpu_us, const std::vector<std::string>& arguments);

/// The same under mpirun with that many ranks.
[[nodiscard]] Outcome mpirun(int ranks, const std::vector<std::string>& arguments);
/// Two ranks, one of which is killed as hopsim_killed_after does.
[[nodiscard]] Outcome mpirun_killed_after(int rank, int cpu_us, const std::vector<std::string>& arguments);
[[nodiscard]] bool has_mpirun();

}  // namespace hopsim::test
