// SPDX-License-Identifier: Apache-2.0
// Runs the hopsim command as a user would.
#pragma once

#include <string>
#include <vector>

namespace hopsim::test {

struct Outcome {
  int status = -1;  // exit status, or -1 when it died of a signal
  std::string out, err;
};

/// Runs `hopsim ARGUMENTS...` without a shell in between.
[[nodiscard]] Outcome hopsim(const std::vector<std::string>& arguments);

}  // namespace hopsim::test
