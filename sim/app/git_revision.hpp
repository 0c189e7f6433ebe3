// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace hopsim::app {

extern const char* const kVersion;
/// "abc1234", with "-dirty" when the tree had changes; "unknown" outside a git checkout.
extern const char* const kGitRevision;

}  // namespace hopsim::app
