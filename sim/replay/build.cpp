// SPDX-License-Identifier: Apache-2.0
#include "replay/build.hpp"

#include <algorithm>
#include <cmath>

namespace hopsim::replay {

namespace {

class Builder {
 public:
  Builder(const spec::ChainSpec& chain, LoweredSteps& steps, const cost::StepCoster& coster)
      : chain_(chain), steps_(steps), coster_(coster), ended_by_(chain.hops.size()) {}

  Schedule run(const std::vector<spec::Wave>& waves) {
    for (const spec::Wave& wave : waves) {
      Hop first;
      for (const std::size_t i : wave.hops) {
        wait_for(chain_.hops[i], first);
      }
      for (const spec::PrefillStep& step : wave.prefills) {
        prefill(step, first);
      }
      for (const spec::DecodeRun& run : wave.decodes) {
        Hop hop = &run == &wave.decodes.front() ? std::move(first) : Hop{};
        decode(run, hop);
        finish(run.ended, std::move(hop));
      }
    }
    return std::move(out_);
  }

 private:
  void wait_for(const spec::HopSpec& hop, Hop& out) const {
    for (const std::size_t before : hop.after) {
      if (std::find(out.after.begin(), out.after.end(), ended_by_[before]) == out.after.end()) {
        out.after.push_back(ended_by_[before]);
      }
    }
  }

  void prefill(const spec::PrefillStep& step, Hop& hop) {
    const auto [known, fresh] =
        prefills_.emplace(std::tuple{step.width, step.tokens, step.context}, out_.steps.size());
    if (fresh) {
      out_.steps.push_back(steps_.costed(coster_, step.tokens, step.width, step.context, 1));
    }
    hop.runs.push_back({known->second, 0, 1});
  }

  void decode(const spec::DecodeRun& run, Hop& hop) {
    int first = run.first_context;
    const int end = first + run.steps;
    while (first < end) {
      const int window = first / cost::kWindowTokens;
      const int window_begin = window * cost::kWindowTokens;
      const int stop = std::min(end, window_begin + cost::kWindowTokens);
      const auto [known, fresh] = windows_.emplace(std::pair{run.width, window}, out_.steps.size());
      if (fresh) {
        out_.steps.push_back(steps_.costed(coster_, 1, run.width, window_begin, cost::kWindowTokens));
      }
      hop.runs.push_back({known->second, first - window_begin, stop - first});
      first = stop;
    }
  }

  // Hops that end together and pause alike share the pause; others pause in empty hops of their own.
  void finish(const std::vector<std::size_t>& ended, Hop hop) {
    const auto pause_ps = [this](std::size_t i) {
      return std::llround(chain_.hops[i].pause_s * 1e12);  // at most 1e6 s, so it fits
    };
    const bool alike = std::all_of(ended.begin(), ended.end(),
                                   [&](std::size_t i) { return pause_ps(i) == pause_ps(ended.front()); });
    hop.pause_ps = alike ? pause_ps(ended.front()) : 0;
    const std::size_t last = out_.hops.size();
    out_.hops.push_back(std::move(hop));
    for (const std::size_t i : ended) {
      ended_by_[i] = last;
      if (!alike) {
        ended_by_[i] = out_.hops.size();
        out_.hops.push_back({{last}, pause_ps(i), {}});
      }
    }
  }

  const spec::ChainSpec& chain_;
  LoweredSteps& steps_;
  const cost::StepCoster& coster_;
  Schedule out_;
  std::vector<std::size_t> ended_by_;  // the schedule's hop whose end and pause are a chain hop's
  std::map<std::pair<int, int>, std::size_t> windows_;  // by width and window
  std::map<std::tuple<int, int, int>, std::size_t> prefills_;
};

}  // namespace

const lowering::StepWork& LoweredSteps::step(int new_tokens, int width) {
  const std::pair key{new_tokens, width};
  const auto found = steps_.find(key);
  return found != steps_.end() ? found->second : steps_.emplace(key, lower_(new_tokens, width)).first->second;
}

const Step& LoweredSteps::costed(const cost::StepCoster& coster, int new_tokens, int width, int first_ctx,
                                 int window) {
  if (coster_ != &coster) {
    coster_ = &coster;
    costed_.clear();
  }
  const std::tuple key{new_tokens, width, first_ctx};
  const auto at = costed_.lower_bound(key);
  if (at != costed_.end() && at->first == key) {
    return at->second;
  }
  const auto sibling = costed_.lower_bound({new_tokens, width, 0});  // the same step at another context
  const bool known = sibling != costed_.end() && std::get<0>(sibling->first) == new_tokens &&
                     std::get<1>(sibling->first) == width;
  return costed_
      .emplace(key, known ? sibling->second.moved(first_ctx, window)
                          : Step(coster, step(new_tokens, width), first_ctx, window))
      .first->second;
}

Schedule build_schedule(const spec::ChainSpec& chain, const std::vector<spec::Wave>& waves,
                        LoweredSteps& steps, const cost::StepCoster& coster) {
  return Builder(chain, steps, coster).run(waves);
}

Schedule build_schedule(const spec::ChainSpec& chain, LoweredSteps& steps, const cost::StepCoster& coster) {
  return build_schedule(chain, spec::waves(chain), steps, coster);
}

}  // namespace hopsim::replay
