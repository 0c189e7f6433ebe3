// SPDX-License-Identifier: Apache-2.0
#include "microbench/reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "microbench/kernel_math.hpp"

namespace hopsim::microbench::reference {

double bf16_value(std::uint16_t bits) {
  const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16U;
  float value = 0;
  std::memcpy(&value, &wide, sizeof(value));
  return static_cast<double>(value);
}

double e4m3_value(std::uint8_t bits) {
  const int exponent = (bits >> 3) & 15, mantissa = bits & 7;
  const double sign = (bits & 0x80) != 0 ? -1 : 1;
  if (exponent == 15 && mantissa == 7) return std::numeric_limits<double>::quiet_NaN();
  if (exponent == 0) return sign * std::ldexp(mantissa, -9);
  return sign * std::ldexp(8 + mantissa, exponent - 10);
}

Values widened(const Bf16& values) {
  Values out(values.size());
  std::transform(values.begin(), values.end(), out.begin(), bf16_value);
  return out;
}

Values nf4(const Bytes& codes, const std::vector<float>& absmax) {
  Values out;
  for (const std::uint8_t byte : codes) {
    for (const unsigned code : {unsigned{byte} >> 4U, unsigned{byte} & 15U}) {
      const double scale = static_cast<double>(absmax[out.size() / kNf4Block]);
      out.push_back(static_cast<double>(nf4_value(code)) * scale);
    }
  }
  return out;
}

Values int8(const Bytes& codes, const std::vector<float>& scales, std::int64_t block) {
  Values out;
  for (const std::uint8_t byte : codes) {
    const double scale = static_cast<double>(scales[out.size() / static_cast<std::size_t>(block)]);
    out.push_back(static_cast<double>(static_cast<std::int8_t>(byte)) * scale);
  }
  return out;
}

Values add(const Bf16& a, const Bf16& b) {
  Values out;
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(bf16_value(a[i]) + bf16_value(b[i]));
  return out;
}

Values silu_mul(const Bf16& gate_up, std::int64_t columns) {
  const auto width = static_cast<std::size_t>(columns);
  Values out;
  for (std::size_t row = 0; row < gate_up.size(); row += 2 * width) {
    for (std::size_t c = row; c < row + width; ++c) {
      const double gate = bf16_value(gate_up[c]);
      out.push_back(gate / (1 + std::exp(-gate)) * bf16_value(gate_up[c + width]));
    }
  }
  return out;
}

Values rmsnorm(const Bf16& x, const Bf16& weight, double epsilon) {
  Values out;
  for (std::size_t row = 0; row < x.size(); row += weight.size()) {
    double squares = 0;
    for (std::size_t c = 0; c < weight.size(); ++c)
      squares += bf16_value(x[row + c]) * bf16_value(x[row + c]);
    const double factor = 1 / std::sqrt(squares / static_cast<double>(weight.size()) + epsilon);
    for (std::size_t c = 0; c < weight.size(); ++c) {
      out.push_back(bf16_value(x[row + c]) * factor * bf16_value(weight[c]));
    }
  }
  return out;
}

Values quant_int8(const Bf16& x, std::int64_t columns) {
  const auto width = static_cast<std::size_t>(columns);
  Values out;
  for (std::size_t row = 0; row < x.size(); row += width) {
    double largest = 0;
    for (std::size_t c = row; c < row + width; ++c) largest = std::max(largest, std::abs(bf16_value(x[c])));
    for (std::size_t c = row; c < row + width; ++c)
      out.push_back(std::rint(bf16_value(x[c]) * 127 / largest));
  }
  return out;
}

Values product(const Values& x, const Values& w, std::int64_t m, std::int64_t n, std::int64_t k) {
  Values y;
  for (std::int64_t row = 0; row < m; ++row) {
    for (std::int64_t column = 0; column < n; ++column) {
      double sum = 0;
      for (std::int64_t i = 0; i < k; ++i) {
        sum += x[static_cast<std::size_t>(row * k + i)] * w[static_cast<std::size_t>(column * k + i)];
      }
      y.push_back(sum);
    }
  }
  return y;
}

double relative_error(const Values& got, const Values& want) {
  if (got.size() != want.size() || got.empty()) return std::numeric_limits<double>::infinity();
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(want[i]));
    error = std::max(error, std::abs(got[i] - want[i]));
  }
  return error / largest;
}

}  // namespace hopsim::microbench::reference
