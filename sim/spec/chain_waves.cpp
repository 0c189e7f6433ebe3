// SPDX-License-Identifier: Apache-2.0
#include "spec/chain_waves.hpp"

#include <algorithm>
#include <set>

namespace hopsim::spec {

namespace {

// A hop that prefills one token does so by a decode step.
auto prefills(const HopSpec& hop) -> bool { return hop.prefill_tokens > 1; }

auto decode_steps(const HopSpec& hop) -> int { return hop.decode_tokens - (prefills(hop) ? 1 : 0); }

auto first_decode_context(const HopSpec& hop) -> int {
  return hop.context_before + hop.prefill_tokens + (prefills(hop) ? 1 : 0);
}

void add_prefill(const HopSpec& hop, Wave& wave) {
  const int context = hop.context_before + hop.prefill_tokens;
  const auto twin = std::find_if(wave.prefills.begin(), wave.prefills.end(), [&](const PrefillStep& p) {
    return p.tokens == hop.prefill_tokens && p.context == context;
  });
  if (twin == wave.prefills.end()) {
    wave.prefills.push_back({1, hop.prefill_tokens, context});
  } else {
    ++twin->width;
  }
}

// The hops that decode more than `done` steps, for `steps` more, until the first of them ends.
auto decode_run(const ChainSpec& chain, const Wave& wave, int done, int steps) -> DecodeRun {
  DecodeRun out;
  out.steps = steps;
  out.width = 0;
  std::int64_t contexts = 0;
  for (const std::size_t i : wave.hops) {
    const HopSpec& hop = chain.hops[i];
    if (decode_steps(hop) > done) {
      ++out.width;
      contexts += first_decode_context(hop) + done;
    }
    if (decode_steps(hop) == done + steps) {
      out.ended.push_back(i);
    }
  }
  out.first_context = out.width == 0 ? 0 : static_cast<int>((contexts + out.width - 1) / out.width);
  return out;
}

void complete(const ChainSpec& chain, Wave& wave) {
  std::set<int> lengths;
  for (const std::size_t i : wave.hops) {
    if (prefills(chain.hops[i])) {
      add_prefill(chain.hops[i], wave);
    }
    lengths.insert(decode_steps(chain.hops[i]));
  }
  int done = 0;
  for (const int length : lengths) {
    wave.decodes.push_back(decode_run(chain, wave, done, length - done));
    done = length;
  }
}

}  // namespace

std::vector<Wave> waves(const ChainSpec& chain) {
  std::vector<Wave> out(static_cast<std::size_t>(chain.depth()));
  for (std::size_t i = 0; i < chain.hops.size(); ++i) {
    out[static_cast<std::size_t>(chain.hops[i].wave)].hops.push_back(i);
  }
  for (Wave& wave : out) {
    complete(chain, wave);
  }
  return out;
}

}  // namespace hopsim::spec
