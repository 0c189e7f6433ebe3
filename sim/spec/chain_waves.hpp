// SPDX-License-Identifier: Apache-2.0
// Which steps a chain takes, branches batched as a serving engine does. Hops of equal depth form a wave: it
// starts when all of them may (predecessors ended and paused), prefills those of equal shape together, then
// decodes all of them in one batch that shrinks as branches end. A branch's own pause begins where the branch
// ends. A step of unlike contexts costs that of as many sequences with their mean context, rounded up to a
// token: exact for what is affine in the context. Counts are those of one chain; a batch of B chains runs
// every step B times as wide.
#pragma once

#include <cstddef>
#include <vector>

#include "spec/chain.hpp"

namespace hopsim::spec {

/// `width` branches prefill `tokens` each, which leaves each with a context of `context`.
struct PrefillStep {
  int width = 1;
  int tokens = 0;
  int context = 0;
};

/// `width` branches decode; the first step's context is `first_context`, each further one a token longer.
/// `ended` are the hops that are over with it; steps is 0 where they end with the prefill.
struct DecodeRun {
  int width = 1;
  int first_context = 0;
  int steps = 0;
  std::vector<std::size_t> ended;
};

struct Wave {
  std::vector<std::size_t> hops;
  std::vector<PrefillStep> prefills;
  std::vector<DecodeRun> decodes;  // at least one; every hop of the wave ends in one of them
};

[[nodiscard]] std::vector<Wave> waves(const ChainSpec& chain);

}  // namespace hopsim::spec
