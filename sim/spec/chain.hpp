// SPDX-License-Identifier: Apache-2.0
// A reasoning chain: a DAG of hops (`hopsim: chain/1`). A hop prefills what is new, decodes its tokens, and
// may pause outside the GPU afterwards (retrieval, a tool). It starts when all the hops that it comes after
// have ended, pauses included.
//
// Context. A hop continues the context of the predecessor with the longest one; what its other predecessors
// decoded is new to it and is prefilled together with the hop's own prompt. `kv: reuse` (where nothing is
// said) keeps the KV cache of what it continues; `kv: reprefill` lost it and prefills the whole context
// again.
//
// Waves. Hops of equal depth (longest path from a first hop) run as one batch, see spec/chain_waves.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "base/provenance.hpp"
#include "io/value.hpp"
#include "spec/token_distribution.hpp"

namespace hopsim::spec {

inline constexpr int kMaxContextTokens = 10'000'000;
inline constexpr int kMaxHops = 10'000;

struct HopSpec {
  std::string id;
  std::vector<std::size_t> after;                 // indices of earlier hops
  int prompt_tokens = 0;                          // new context of this hop, before what a join adds
  int decode_tokens = 1;                          // tokens decoded; the prefill yields the first of them
  std::optional<TokenDistribution> distribution;  // of decode_tokens, which is then its expectation
  double pause_s = 0;
  bool reprefill = false;  // the KV cache was lost: the whole context is prefilled

  // Derived when the chain is built:
  int wave = 0;                   // depth in the DAG
  int context_before = 0;         // tokens in the reused KV cache
  int prefill_tokens = 0;         // prompt_tokens, what the join adds, what was lost
  std::ptrdiff_t continues = -1;  // the hop whose context it continues, -1 for none
};

struct ChainSpec {
  std::string name;
  std::string title;
  std::vector<HopSpec> hops;  // by wave, so that every hop stands after its predecessors
  double accuracy_16bit = 1;  // share of chains that end in a right answer at 16 bit
  Source accuracy_source;
  std::string benchmark;            // what its answers are measured by, as in tables of quality; empty: none
  bool accuracy_compounds = false;  // every hop of its longest path is a reasoning step of that benchmark
  Source source;

  /// Tokens that one sequence decodes in the whole chain.
  [[nodiscard]] double decode_tokens() const;
  /// The longest context of any hop, in tokens.
  [[nodiscard]] int max_context() const;
  /// Any hop has a distribution of its tokens.
  [[nodiscard]] bool varies() const;
  /// Hops on the longest path.
  [[nodiscard]] int depth() const { return hops.empty() ? 0 : hops.back().wave + 1; }
  /// The most tokens of one sequence that lie in the KV cache at once: a hop's tokens stay until the last
  /// wave in which a hop reuses them, directly or not. Branches share what they have in common.
  [[nodiscard]] int peak_cache_tokens() const;
};

/// Sorts the hops, derives their contexts and checks the chain. Ties keep the given order. Throws InputError
/// (at `where`) for a circle, no hops, a prefill of nothing, a context above 10 million tokens.
[[nodiscard]] ChainSpec make_chain(ChainSpec chain, const Location& where);

/// Reads and checks a chain file: explicit `hops:`, or one of the shapes `line:`, `tree:`, `fan_in:`.
[[nodiscard]] ChainSpec load_chain(const std::string& path);
/// The same from a document whose `extends:` is resolved.
[[nodiscard]] ChainSpec read_chain(const io::Value& document);

/// `hops` hops in a row: the first prefills `prompt_tokens`, the others `next_prompt_tokens`.
[[nodiscard]] ChainSpec line_chain(int hops, int prompt_tokens, int next_prompt_tokens, int decode_tokens,
                                   double pause_s);

/// The chain with its decoded tokens multiplied (token inflation), each hop rounded to at least one token; a
/// distribution's cap holds.
[[nodiscard]] ChainSpec inflated(const ChainSpec& chain, double factor);

/// Tokens of a hop that has a distribution: its expectation, whole and at least 1.
[[nodiscard]] int expected_tokens(const TokenDistribution& distribution);

/// The chain with the tokens of every hop drawn from its distribution. What a sample draws depends on seed,
/// sample and hop only: a chain and the same one inflated think about the same questions.
[[nodiscard]] ChainSpec drawn(const ChainSpec& chain, std::uint64_t seed, std::uint64_t sample);

}  // namespace hopsim::spec
