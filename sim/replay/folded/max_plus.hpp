// SPDX-License-Identifier: Apache-2.0
// (max, +) algebra over (host time, stream time). One action of the replay contract is a 2x2 matrix; a
// sequence is the product, "later times earlier"; L equal layers are the L-th power. Integers, so the result
// is exact.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hopsim::replay {

/// Minus infinity: "does not wait for". Far enough from the limit that sums of a schedule's length stay
/// negative.
inline constexpr std::int64_t kNever = INT64_MIN / 4;

struct TimePair {
  std::int64_t host = 0;
  std::int64_t stream = 0;
  friend bool operator==(const TimePair&, const TimePair&) = default;
};

/// host' = max(hh + host, hs + stream), stream' = max(sh + host, ss + stream).
struct MaxPlus {
  std::int64_t hh = 0, hs = kNever, sh = kNever, ss = 0;  // the identity

  [[nodiscard]] TimePair operator*(TimePair t) const {
    return {std::max(hh + t.host, hs + t.stream), std::max(sh + t.host, ss + t.stream)};
  }

  /// First `b`, then this. Entries never sink below kNever, so that long products can't overflow.
  [[nodiscard]] MaxPlus operator*(const MaxPlus& b) const {
    return {std::max({hh + b.hh, hs + b.sh, kNever}), std::max({hh + b.hs, hs + b.ss, kNever}),
            std::max({sh + b.hh, ss + b.sh, kNever}), std::max({sh + b.hs, ss + b.ss, kNever})};
  }
  friend bool operator==(const MaxPlus&, const MaxPlus&) = default;
};

/// `m` to the n-th power by repeated squaring, n >= 0.
[[nodiscard]] inline MaxPlus power(MaxPlus m, std::int64_t n) {
  MaxPlus out;
  for (; n > 0; n >>= 1) {
    if ((n & 1) != 0) {
      out = m * out;
    }
    m = m * m;
  }
  return out;
}

}  // namespace hopsim::replay
