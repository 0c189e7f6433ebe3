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
[[nodiscard]] inline MaxPlus squared_power(MaxPlus m, std::int64_t n) {
  MaxPlus out;
  for (; n > 0; n >>= 1) {
    if ((n & 1) != 0) {
      out = m * out;
    }
    m = m * m;
  }
  return out;
}

/// `m` to the n-th power, n >= 0. Where the host waits for no stream (no synchronisation in m), the stream
/// takes over from the host in one of the n: after i of them by the host, before n - 1 - i of them by the
/// stream.
[[nodiscard]] inline MaxPlus power(const MaxPlus& m, std::int64_t n) {
  if (m.hs >= 0 || m.hh < 0 || m.ss < 0 || n == 0) {
    return squared_power(m, n);
  }
  return {n * m.hh, kNever, m.sh < 0 ? kNever : m.sh + (n - 1) * std::max(m.hh, m.ss), n * m.ss};
}

}  // namespace hopsim::replay
