// SPDX-License-Identifier: Apache-2.0
// Where a number comes from. Ordered from the strongest to the weakest ground; a result that rests on several
// numbers is as strong as its weakest.
#pragma once

#include <string>
#include <string_view>

namespace hopsim {

enum class Provenance { kMeasured, kFitted, kSpec, kBorrowed, kAssumed };

inline constexpr int kProvenanceCount = 5;

/// "measured", "fitted", "spec", "borrowed", "assumed"
[[nodiscard]] constexpr std::string_view to_text(Provenance p) {
  constexpr std::string_view kNames[] = {"measured", "fitted", "spec", "borrowed", "assumed"};
  return kNames[static_cast<int>(p)];
}

/// A provenance with its citation.
struct Source {
  Provenance kind = Provenance::kAssumed;
  std::string citation;
};

}  // namespace hopsim
