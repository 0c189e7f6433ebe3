// SPDX-License-Identifier: Apache-2.0
// Families as the text of a GPU profile. The same families give the same bytes.
#pragma once

#include <map>
#include <string>

#include "spec/gpu.hpp"

namespace hopsim::cost::fit {

struct ProfileText {
  std::string name;
  std::string base;    // path that `extends:` names
  std::string origin;  // what wrote it, for the comment on top
};

/// Corrections are left out unless `corrections`.
[[nodiscard]] std::string profile_text(const ProfileText& head,
                                       const std::map<std::string, spec::KernelFamily>& families,
                                       bool corrections);

/// A profile that adds nothing but correction surfaces, to stand between a readable profile and its base.
[[nodiscard]] std::string corrections_text(const ProfileText& head,
                                           const std::map<std::string, spec::KernelFamily>& families);

}  // namespace hopsim::cost::fit
