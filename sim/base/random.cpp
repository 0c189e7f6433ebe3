// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"

#include <Random123/philox.h>

#include <Random123/uniform.hpp>
#include <cmath>

namespace hopsim {

RandomWords random_words(const RandomWords& counter, std::uint64_t seed, std::uint64_t index) {
  const r123::Philox4x64::ctr_type at = {{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x64::ctr_type words = r123::Philox4x64()(at, {{seed, index}});
  return {words[0], words[1], words[2], words[3]};
}

double in_0_1(std::uint64_t word) { return r123::u01<double>(word); }

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
