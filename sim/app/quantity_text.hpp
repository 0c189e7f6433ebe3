// SPDX-License-Identifier: Apache-2.0
// Numbers for people: three significant digits, and the unit that makes them readable.
#pragma once

#include <string>

namespace hopsim::app {

/// "42.6 s", "4.76 ms", "12.3 us"
[[nodiscard]] std::string seconds_text(double seconds);
/// "7.06 kJ", "165 mJ"
[[nodiscard]] std::string joules_text(double joules);
/// "$31.7", "$0.0042"
[[nodiscard]] std::string dollars_text(double dollars);
/// Without a unit and an exponent: "23.5", "0.0317", "12300".
[[nodiscard]] std::string digits_text(double x);
/// "1.73x", "12.3x", "0.4x". Near 1 two digits of the distance to it, at most four decimals: "1.004x".
[[nodiscard]] std::string factor_text(double ratio);

}  // namespace hopsim::app
