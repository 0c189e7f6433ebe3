// SPDX-License-Identifier: Apache-2.0
#include "spec/chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <cmath>
#include <numeric>

#include "base/random.hpp"

namespace hopsim::spec {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;

// Depth of each hop. Throws where the hops run in a circle.
auto waves_of(const std::vector<HopSpec>& hops, const Location& where) -> std::vector<int> {
  Graph graph(hops.size());
  for (std::size_t i = 0; i < hops.size(); ++i) {
    for (const std::size_t before : hops[i].after) {
      boost::add_edge(before, i, graph);
    }
  }
  std::vector<std::size_t> last_first;
  try {
    boost::topological_sort(graph, std::back_inserter(last_first));
  } catch (const boost::not_a_dag&) {
    throw InputError(where, "the hops run in a circle", "a hop comes after hops that don't wait for it");
  }
  std::vector<int> out(hops.size());
  for (auto i = last_first.rbegin(); i != last_first.rend(); ++i) {
    for (const std::size_t before : hops[*i].after) {
      out[*i] = std::max(out[*i], out[before] + 1);
    }
  }
  return out;
}

// A hop and those whose context it continues, ascending.
auto with_ancestors(const std::vector<HopSpec>& hops, std::size_t hop) -> std::vector<std::size_t> {
  std::vector<std::size_t> out;
  for (auto i = static_cast<std::ptrdiff_t>(hop); i >= 0; i = hops[static_cast<std::size_t>(i)].continues) {
    out.push_back(static_cast<std::size_t>(i));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

void derive_context(std::vector<HopSpec>& hops, std::size_t i, const Location& where) {
  HopSpec& hop = hops[i];
  const auto end_of = [&](std::size_t p) {
    return hops[p].context_before + hops[p].prefill_tokens + hops[p].decode_tokens - 1;
  };
  std::int64_t prefill = hop.prompt_tokens;
  hop.context_before = 0;
  if (!hop.after.empty()) {
    const std::size_t longest =
        *std::max_element(hop.after.begin(), hop.after.end(),
                          [&](std::size_t a, std::size_t b) { return end_of(a) < end_of(b); });
    hop.context_before = end_of(longest);
    hop.continues = static_cast<std::ptrdiff_t>(longest);
    const std::vector<std::size_t> known = with_ancestors(hops, longest);
    // The last token decoded before has no entry in the KV cache yet: it enters with this hop's prefill.
    prefill += 1;
    for (const std::size_t p : hop.after) {
      // What the longest branch itself went through is in its context already.
      prefill += std::binary_search(known.begin(), known.end(), p) ? 0 : hops[p].decode_tokens;
    }
  }
  if (hop.reprefill) {
    prefill += hop.context_before;
    hop.context_before = 0;
  }
  if (prefill < 1) {
    throw InputError(where, fmt::format("hop '{}' has nothing to prefill", hop.id),
                     "a first hop needs prompt_tokens >= 1");
  }
  if (hop.context_before + prefill + hop.decode_tokens > kMaxContextTokens) {
    throw InputError(where, fmt::format("hop '{}' has a context above {} tokens", hop.id, kMaxContextTokens));
  }
  hop.prefill_tokens = static_cast<int>(prefill);
}

auto multiplied(int tokens, double factor) -> int {
  return std::max(1, static_cast<int>(std::lround(std::min(tokens * factor, double{kMaxContextTokens}))));
}

}  // namespace

bool ChainSpec::varies() const {
  return std::any_of(hops.begin(), hops.end(),
                     [](const HopSpec& hop) { return hop.distribution.has_value(); });
}

double ChainSpec::decode_tokens() const {
  double sum = 0;
  for (const HopSpec& hop : hops) {
    sum += hop.decode_tokens;
  }
  return sum;
}

int ChainSpec::max_context() const {
  int longest = 0;
  for (const HopSpec& hop : hops) {
    longest = std::max(longest, hop.context_before + hop.prefill_tokens + hop.decode_tokens);
  }
  return longest;
}

int ChainSpec::peak_cache_tokens() const {
  std::vector<int> needed_until(hops.size());
  std::vector<int> live(static_cast<std::size_t>(depth()) + 1);  // by wave, as differences
  for (std::size_t i = hops.size(); i-- > 0;) {
    const HopSpec& hop = hops[i];
    needed_until[i] = std::max(needed_until[i], hop.wave);
    if (hop.continues >= 0 && !hop.reprefill) {
      int& parent = needed_until[static_cast<std::size_t>(hop.continues)];
      parent = std::max(parent, needed_until[i]);
    }
    const int own = hop.prefill_tokens + hop.decode_tokens;
    live[static_cast<std::size_t>(hop.wave)] += own;
    live[static_cast<std::size_t>(needed_until[i]) + 1] -= own;
  }
  std::partial_sum(live.begin(), live.end(), live.begin());
  return live.empty() ? 0 : *std::max_element(live.begin(), live.end());
}

ChainSpec make_chain(ChainSpec chain, const Location& where) {
  if (chain.hops.empty() || chain.hops.size() > kMaxHops) {
    throw InputError(where, fmt::format("a chain of {} hops", chain.hops.size()),
                     fmt::format("allowed: 1 to {}", kMaxHops));
  }
  const std::vector<int> waves = waves_of(chain.hops, where);
  std::vector<std::size_t> order(chain.hops.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return waves[a] < waves[b]; });
  std::vector<std::size_t> position(order.size());
  std::vector<HopSpec> sorted;
  for (std::size_t i = 0; i < order.size(); ++i) {
    position[order[i]] = i;
    sorted.push_back(chain.hops[order[i]]);
    sorted.back().wave = waves[order[i]];
  }
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t& before : sorted[i].after) {
      before = position[before];
    }
    sorted[i].continues = -1;
    derive_context(sorted, i, where);
  }
  chain.hops = std::move(sorted);
  return chain;
}

ChainSpec line_chain(int hops, int prompt_tokens, int next_prompt_tokens, int decode_tokens, double pause_s) {
  ChainSpec chain;
  chain.name = fmt::format("line-{}x{}", hops, decode_tokens);
  chain.title = fmt::format("{} hop{}, {} token{} each", hops, hops == 1 ? "" : "s in a row", decode_tokens,
                            decode_tokens == 1 ? "" : "s");
  for (std::size_t i = 0; i < static_cast<std::size_t>(hops); ++i) {
    HopSpec& hop = chain.hops.emplace_back();
    hop.id = fmt::format("h{}", i + 1);
    hop.prompt_tokens = i == 0 ? prompt_tokens : next_prompt_tokens;
    hop.decode_tokens = decode_tokens;
    hop.pause_s = pause_s;
    if (i > 0) {
      hop.after = {i - 1};
    }
  }
  return make_chain(std::move(chain), Location{});
}

ChainSpec inflated(const ChainSpec& chain, double factor) {
  if (factor == 1) {
    return chain;
  }
  ChainSpec out = chain;
  for (HopSpec& hop : out.hops) {
    if (hop.distribution) {
      hop.distribution = hop.distribution->inflated(factor);
      hop.decode_tokens = expected_tokens(*hop.distribution);
    } else {
      hop.decode_tokens = multiplied(hop.decode_tokens, factor);
    }
  }
  return make_chain(std::move(out), Location{});
}

int expected_tokens(const TokenDistribution& distribution) {
  return std::max(1, static_cast<int>(std::lround(distribution.expectation())));
}

ChainSpec drawn(const ChainSpec& chain, std::uint64_t seed, std::uint64_t sample) {
  ChainSpec out = chain;
  for (std::size_t i = 0; i < out.hops.size(); ++i) {
    HopSpec& hop = out.hops[i];
    if (hop.distribution) {
      hop.decode_tokens = hop.distribution->quantile(uniform(seed, Draw::kDecodeTokens, sample, i));
    }
  }
  return make_chain(std::move(out), Location{});
}

}  // namespace hopsim::spec
