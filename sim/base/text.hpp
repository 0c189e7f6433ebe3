// SPDX-License-Identifier: Apache-2.0
// Small text helpers that every layer's error messages use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hopsim {

/// "a, b, c"
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// The candidate nearest to `word` by edit distance (insert, delete, replace, swap), or empty when none is
/// near enough to be a plausible misspelling (a third of its length, at least 1, at most 3 edits).
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean 'x'? allowed: a, b, c" with the first part only where a candidate is near.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace hopsim
