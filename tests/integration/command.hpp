// SPDX-License-Identifier: Apache-2.0
// Runs the hopsim command as a user would.
#pragma once

#include <string>
#include <vector>

#include "support/program.hpp"

namespace hopsim::test {

/// Runs `hopsim ARGUMENTS...` without a shell in between.
[[nodiscard]] Outcome hopsim(const std::vector<std::string>& arguments);

}  // namespace hopsim::test
