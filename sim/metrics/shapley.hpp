// SPDX-License-Identifier: Apache-2.0
// Shapley values: how a whole that arises from several causes together is shared out among them. A cause's
// part is what it adds when it joins those before it, averaged over all orders in which the causes can come.
// The parts add up to the whole, equal causes get equal parts, and a cause that never changes anything gets
// exactly 0. L. S. Shapley, A value for n-person games, 1953.
#pragma once

#include <span>
#include <vector>

namespace hopsim::metrics {

/// `by_subset[s]` is the value with the causes of the bits of s: 2^n values for n causes. Part i is that of
/// bit i; their sum is by_subset.back() - by_subset.front(). Throws InternalError unless 2^n values, n <= 20.
[[nodiscard]] std::vector<double> shapley(std::span<const double> by_subset);

}  // namespace hopsim::metrics
