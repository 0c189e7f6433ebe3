// SPDX-License-Identifier: Apache-2.0
// One set of parameters, drawn from what is uncertain about a GPU, a host and the stacks, so that a whole
// comparison can be simulated under it. Both sides of the comparison run on the same drawn set: what they
// share cancels as it does in truth.
//
//   times of a kernel family on a GPU   * exp(z e / 1.645), e its common 90 % error (cost/uncertainty.hpp)
//   a parameter that is left free       low * (high / low)^u, even between the ends that the profile states
//   speed of a host                     * exp(z e / 1.645), e = kFittedHost90 or kAssumedHost90
//   dispatch of linear layers, of one   * exp(z e / 1.645), e = kDispatch90: what a measured 16-bit step of
//     low-precision stack               the same host does not settle (reference/FIRST_FITS.md, section 7)
//   each power parameter of a GPU       * exp(z e / 1.645), e = kFittedPower90 or kAssumedPower90
//
// z is standard normal, u uniform, of a counter-based generator (Philox) keyed by seed and draw with the
// parameter's name as counter: a draw does not depend on what else is drawn, on the order or on the worker.
// Not drawn: specifications (bandwidth, clocks, capacity), accuracy, token inflation, prices.
#pragma once

#include <cstdint>
#include <string_view>

#include "spec/gpu.hpp"
#include "spec/host.hpp"
#include "spec/stack.hpp"

namespace hopsim::cost {

// 90 % errors, in logarithms.
inline constexpr double kFittedHost90 = 0.1;    // rows of one host in FIRST_FITS sections 2 and 5
inline constexpr double kAssumedHost90 = 0.25;  // "expect 10 to 25 %", section 7
inline constexpr double kDispatch90 = 0.25;
inline constexpr double kFittedPower90 = 0.18;  // nine in ten powers that were not fitted, VALIDATION.md
inline constexpr double kAssumedPower90 = 0.5;

class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t index) : seed_(seed), index_(index) {}

  /// Standard normal.
  [[nodiscard]] double normal(std::string_view parameter) const;
  /// In (0, 1].
  [[nodiscard]] double uniform(std::string_view parameter) const;
  /// exp(z error90 / 1.645): in nine draws of ten between exp(-error90) and exp(error90).
  [[nodiscard]] double factor(std::string_view parameter, double error90) const;

 private:
  std::uint64_t seed_, index_;
};

/// The profile under the draw. Parameters are named after the profile, so equal names draw alike.
[[nodiscard]] spec::GpuSpec drawn(const spec::GpuSpec& gpu, const Draw& draw);
[[nodiscard]] spec::HostSpec drawn(const spec::HostSpec& host, const Draw& draw);
/// On dispatch costs of linear layers; 1 for 16 bit, which the speed of the host covers.
[[nodiscard]] double dispatch_factor(const spec::StackSpec& stack, const Draw& draw);
/// Sets the linear layers' dispatch costs of a copy to those of the original times the factor.
void set_linear_dispatch(const spec::StackSpec& original, double factor, spec::StackSpec& copy);

}  // namespace hopsim::cost
