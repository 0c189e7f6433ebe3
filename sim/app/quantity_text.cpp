// SPDX-License-Identifier: Apache-2.0
#include "app/quantity_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hopsim::app {

namespace {

struct Unit {
  double size;
  const char* name;
};

// The largest unit that `x`, rounded to three digits, fills. `units` from the largest to the smallest.
template <std::size_t N>
auto with_unit(double x, const std::array<Unit, N>& units) -> std::string {
  for (const Unit& unit : units) {
    if (std::abs(x) >= 0.9995 * unit.size) {
      return digits_text(x / unit.size) + " " + unit.name;
    }
  }
  return digits_text(x / units.back().size) + " " + units.back().name;
}

}  // namespace

std::string digits_text(double x) {
  if (x == 0) {
    return "0";
  }
  const double magnitude = std::floor(std::log10(std::abs(x)));
  const double rounding = std::pow(10.0, magnitude - 2);
  const double rounded = std::round(x / rounding) * rounding;
  // Counted again: 9.996 rounds to 10.0, which needs a decimal less.
  const int decimals = 2 - static_cast<int>(std::floor(std::log10(std::abs(rounded)) + 1e-9));
  return fmt::format("{:.{}f}", rounded, std::clamp(decimals, 0, 12));
}

std::string seconds_text(double seconds) {
  if (seconds == 0) {
    return "0 s";
  }
  return with_unit(seconds, std::array<Unit, 4>{{{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}});
}

std::string joules_text(double joules) {
  if (joules == 0) {
    return "0 J";
  }
  return with_unit(joules,
                   std::array<Unit, 5>{{{1e9, "GJ"}, {1e6, "MJ"}, {1e3, "kJ"}, {1, "J"}, {1e-3, "mJ"}}});
}

std::string dollars_text(double dollars) { return "$" + digits_text(dollars); }

std::string factor_text(double ratio) {
  const double distance = std::abs(ratio - 1);
  if (distance >= 0.1 || distance == 0) {
    return ratio < 10 ? fmt::format("{:.2f}x", ratio) : digits_text(ratio) + "x";
  }
  const int decimals = 1 - static_cast<int>(std::floor(std::log10(distance)));
  return fmt::format("{:.{}f}x", ratio, std::min(decimals, 4));
}

}  // namespace hopsim::app
