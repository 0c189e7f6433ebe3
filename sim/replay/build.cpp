// SPDX-License-Identifier: Apache-2.0
#include "replay/build.hpp"

#include <algorithm>
#include <cmath>

namespace hopsim::replay {

namespace {

class Builder {
 public:
  Builder(LoweredSteps& steps, const cost::StepCoster& coster) : steps_(steps), coster_(coster) {}

  Schedule run(const spec::ChainSpec& chain) {
    for (const spec::HopSpec& spec : chain.hops) {
      Hop hop;
      hop.after = spec.after;
      hop.pause_ps = std::llround(spec.pause_s * 1e12);  // at most 1e6 s, so it fits
      const int after_prefill = spec.context_before + spec.prefill_tokens;
      if (spec.prefill_tokens == 1) {
        decode(after_prefill, after_prefill + spec.decode_tokens,
               hop);  // one token is a decode step by itself
      } else {
        prefill(spec.prefill_tokens, after_prefill, hop);
        decode(after_prefill + 1, after_prefill + spec.decode_tokens, hop);
      }
      out_.hops.push_back(std::move(hop));
    }
    return std::move(out_);
  }

 private:
  void prefill(int new_tokens, int ctx, Hop& hop) {
    const auto [known, fresh] = prefills_.emplace(std::pair{new_tokens, ctx}, out_.steps.size());
    if (fresh) {
      out_.steps.push_back(steps_.costed(coster_, new_tokens, ctx, 1));
    }
    hop.runs.push_back({known->second, 0, 1});
  }

  // One step for each context in [first, end).
  void decode(int first, int end, Hop& hop) {
    while (first < end) {
      const int window = first / cost::kWindowTokens;
      const int window_begin = window * cost::kWindowTokens;
      const int stop = std::min(end, window_begin + cost::kWindowTokens);
      const auto [known, fresh] = windows_.emplace(window, out_.steps.size());
      if (fresh) {
        out_.steps.push_back(steps_.costed(coster_, 1, window_begin, cost::kWindowTokens));
      }
      hop.runs.push_back({known->second, first - window_begin, stop - first});
      first = stop;
    }
  }

  LoweredSteps& steps_;
  const cost::StepCoster& coster_;
  Schedule out_;
  std::map<int, std::size_t> windows_;
  std::map<std::pair<int, int>, std::size_t> prefills_;
};

}  // namespace

const lowering::StepWork& LoweredSteps::step(int new_tokens) {
  const auto found = steps_.find(new_tokens);
  return found != steps_.end() ? found->second : steps_.emplace(new_tokens, lower_(new_tokens)).first->second;
}

const Step& LoweredSteps::costed(const cost::StepCoster& coster, int new_tokens, int first_ctx, int window) {
  if (coster_ != &coster) {
    coster_ = &coster;
    costed_.clear();
  }
  const auto at = costed_.lower_bound({new_tokens, first_ctx});
  if (at != costed_.end() && at->first == std::pair{new_tokens, first_ctx}) {
    return at->second;
  }
  const auto sibling = costed_.lower_bound({new_tokens, 0});  // the same step at another context
  const bool known = sibling != costed_.end() && sibling->first.first == new_tokens;
  return costed_
      .emplace(std::pair{new_tokens, first_ctx}, known ? sibling->second.moved(first_ctx, window)
                                                       : Step(coster, step(new_tokens), first_ctx, window))
      .first->second;
}

Schedule build_schedule(const spec::ChainSpec& chain, LoweredSteps& steps, const cost::StepCoster& coster) {
  return Builder(steps, coster).run(chain);
}

}  // namespace hopsim::replay
