// SPDX-License-Identifier: Apache-2.0
// Random numbers without a state: the number of a (seed, purpose, index, index) is always the same, so that a
// result depends neither on the order of draws nor on how many workers draw. Philox4x32-10 (Salmon et al.,
// SC11).
#pragma once

#include <array>
#include <cstdint>

namespace hopsim {

/// What a number is drawn for: numbers of different purposes are independent.
enum class Draw : std::uint32_t { kDecodeTokens = 1 };

/// Four words of a wider counter, which has room for a hash (Philox4x64-10).
using RandomWords = std::array<std::uint64_t, 4>;
[[nodiscard]] RandomWords random_words(const RandomWords& counter, std::uint64_t seed, std::uint64_t index);
/// A word as a number in (0, 1].
[[nodiscard]] double in_0_1(std::uint64_t word);

/// Uniform in (0, 1), ends excluded. Requires i below 2^32.
[[nodiscard]] double uniform(std::uint64_t seed, Draw purpose, std::uint64_t j, std::uint64_t i);

}  // namespace hopsim
