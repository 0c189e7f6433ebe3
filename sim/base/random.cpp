// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"

#include <Random123/philox.h>

#include <cmath>

namespace hopsim {

double uniform(std::uint64_t seed, Draw purpose, std::uint64_t j, std::uint64_t i) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32U); };
  const r123::Philox4x32::ctr_type counter = {{low(j), high(j), low(i), static_cast<std::uint32_t>(purpose)}};
  const r123::Philox4x32::key_type key = {{low(seed), high(seed)}};
  const r123::Philox4x32::ctr_type bits = r123::Philox4x32()(counter, key);
  const std::uint64_t whole = (static_cast<std::uint64_t>(bits[0]) << 32U | bits[1]) >> 11U;
  return std::ldexp(static_cast<double>(whole) + 0.5, -53);
}

}  // namespace hopsim
