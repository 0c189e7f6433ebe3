// SPDX-License-Identifier: Apache-2.0
// The folded engine: exact replay without visiting each kernel.
//
// A step at offset x into its window is a (max, +) matrix whose entries are the largest of sums of durations
// that are affine in x: convex, piecewise linear functions of x. A step that ends in a synchronisation and
// whose first stream action is a launch depends on its start alone, so its duration is one such function, and
// the sum over a run of steps is found by bisection: a convex function that meets its chord at one inner
// point is that chord, whose sum is an arithmetic series. Cost of a run: (kinks + 1) * log2(run) evaluations
// of ~100 ns, whatever the number of layers, kernels and tokens. Steps without these properties are walked
// one by one, still folded over their layers.
#pragma once

#include "replay/contract.hpp"

namespace hopsim::replay {

class FoldedEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "folded"; }
  [[nodiscard]] Totals replay(const Schedule& schedule) const override;
};

}  // namespace hopsim::replay
