// SPDX-License-Identifier: Apache-2.0
// 128-bit integers for ledgers. A chain of a thousand tokens stays below 2^63 picoseconds and picojoules, but
// sums over tokens, sequences and products of two of them need not.
#pragma once

namespace hopsim {

__extension__ typedef __int128 Wide;

/// The value as a double times `unit` (1e-12 turns picoseconds into seconds).
[[nodiscard]] constexpr double scaled(Wide value, double unit) { return static_cast<double>(value) * unit; }

}  // namespace hopsim
