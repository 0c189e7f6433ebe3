// SPDX-License-Identifier: Apache-2.0
// (max, +) algebra over (host time, stream time). One action of the replay contract is a 2x2 matrix; a
// sequence is the product, "later times earlier"; L equal layers are the L-th power. Integers, so the result
// is exact.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hopsim::replay {

/// Minus infinity: "does not wait for". All other entries are times >= 0, so a negative sum can only hold it.
inline constexpr std::int64_t kNever = INT64_MIN / 2;

/// The product of the algebra: a sum in which kNever absorbs.
[[nodiscard]] constexpr std::int64_t then(std::int64_t a, std::int64_t b) {
  return a + b < 0 ? kNever : a + b;
}

struct TimePair {
  std::int64_t host = 0;
  std::int64_t stream = 0;
  friend bool operator==(const TimePair&, const TimePair&) = default;
};

/// host' = max(hh + host, hs + stream), stream' = max(sh + host, ss + stream).
struct MaxPlus {
  std::int64_t hh = 0, hs = kNever, sh = kNever, ss = 0;  // the identity

  [[nodiscard]] TimePair operator*(TimePair t) const {
    return {std::max(then(hh, t.host), then(hs, t.stream)), std::max(then(sh, t.host), then(ss, t.stream))};
  }

  /// First `b`, then this.
  [[nodiscard]] MaxPlus operator*(const MaxPlus& b) const {
    return {std::max(then(hh, b.hh), then(hs, b.sh)), std::max(then(hh, b.hs), then(hs, b.ss)),
            std::max(then(sh, b.hh), then(ss, b.sh)), std::max(then(sh, b.hs), then(ss, b.ss))};
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
