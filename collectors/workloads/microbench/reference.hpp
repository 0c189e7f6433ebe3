// SPDX-License-Identifier: Apache-2.0
// The kernels once more, written as plainly as possible in double precision: what tests and the check at the
// start of microbench compare with. Shares with kernel_math.hpp only the nf4 table.
#pragma once

#include <cstdint>
#include <vector>

namespace hopsim::microbench::reference {

using Bytes = std::vector<std::uint8_t>;
using Bf16 = std::vector<std::uint16_t>;
using Values = std::vector<double>;

[[nodiscard]] double bf16_value(std::uint16_t bits);
/// OCP 8-bit float with 4 exponent and 3 mantissa bits; not a number where all of these are set.
[[nodiscard]] double e4m3_value(std::uint8_t bits);

[[nodiscard]] Values widened(const Bf16& values);
[[nodiscard]] Values nf4(const Bytes& codes, const std::vector<float>& absmax);
[[nodiscard]] Values int8(const Bytes& codes, const std::vector<float>& scales, std::int64_t block);
[[nodiscard]] Values add(const Bf16& a, const Bf16& b);
/// Each row of the input holds `columns` gates, then `columns` ups.
[[nodiscard]] Values silu_mul(const Bf16& gate_up, std::int64_t columns);
[[nodiscard]] Values rmsnorm(const Bf16& x, const Bf16& weight, double epsilon);
/// The quantised numbers, one row's largest magnitude being 127.
[[nodiscard]] Values quant_int8(const Bf16& x, std::int64_t columns);
/// y[m, n] = x[m, k] w[n, k]^T
[[nodiscard]] Values product(const Values& x, const Values& w, std::int64_t m, std::int64_t n,
                             std::int64_t k);

/// Largest |got - want| over the largest |want|: 0 is equal; infinite where sizes differ or a value is not
/// finite.
[[nodiscard]] double relative_error(const Values& got, const Values& want);

}  // namespace hopsim::microbench::reference
