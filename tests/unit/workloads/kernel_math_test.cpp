// SPDX-License-Identifier: Apache-2.0
// Every thread of a launch is run on the CPU and compared with the plain double-precision reference.
#include "microbench/kernel_math.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "microbench/reference.hpp"

namespace hopsim::microbench {
namespace {

using reference::Bf16;
using reference::Bytes;
using reference::Values;

constexpr double kBf16Rounding = 0.004;  // 2^-8, half a step relative to the value

template <class Vector, class T>
std::vector<Vector> vectors(const std::vector<T>& values) {
  std::vector<Vector> out(values.size() * sizeof(T) / sizeof(Vector));
  std::memcpy(out.data(), values.data(), out.size() * sizeof(Vector));
  return out;
}

template <class T, class Vector>
std::vector<T> scalars(const std::vector<Vector>& values) {
  std::vector<T> out(values.size() * sizeof(Vector) / sizeof(T));
  std::memcpy(out.data(), values.data(), values.size() * sizeof(Vector));
  return out;
}

Bf16 random_bf16(std::size_t count, std::uint32_t seed) {
  Bf16 values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<std::uint16_t>(float_to_bf16(random_normal(seed, i))));
  }
  return values;
}

Bytes random_bytes(std::size_t count) {
  Bytes values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<std::uint8_t>(random_bits(5, i)));
  return values;
}

std::vector<float> random_scales(std::size_t count) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(0.5F + 0.01F * static_cast<float>(i % 50));
  return values;
}

std::vector<float> nf4_table() {
  std::vector<float> table;
  for (unsigned code = 0; code < 16; ++code) table.push_back(nf4_value(code));
  return table;
}

TEST(Bf16, rounds_to_nearest_even_and_widens_back) {
  EXPECT_EQ(float_to_bf16(1.0F), 0x3f80U);
  EXPECT_EQ(float_to_bf16(1.00390625F), 0x3f80U);  // 1 + 2^-8 lies halfway: to even
  EXPECT_EQ(float_to_bf16(1.01171875F), 0x3f82U);  // 1 + 3 * 2^-8 lies halfway: to even, up
  EXPECT_EQ(bf16_to_float(0xc040U), -3.0F);
  EXPECT_EQ(reference::bf16_value(0xc040U), -3.0);
}

TEST(E4m3, has_the_values_of_the_standard) {
  EXPECT_EQ(reference::e4m3_value(0x38), 1.0);
  EXPECT_EQ(reference::e4m3_value(0x7e), 448.0);
  EXPECT_EQ(reference::e4m3_value(0x01), std::ldexp(1.0, -9));
  EXPECT_EQ(reference::e4m3_value(0xb8), -1.0);
  EXPECT_TRUE(std::isnan(reference::e4m3_value(0x7f)));
}

TEST(Random, is_about_standard_normal_and_never_constant) {
  double sum = 0, squares = 0;
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) {
    const double value = static_cast<double>(random_normal(1, static_cast<std::uint64_t>(i)));
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.02);
  EXPECT_NEAR(squares / kCount, 1, 0.03);
  EXPECT_NE(random_bits(1, 7), random_bits(1, 7 + (std::uint64_t{1} << 32U)));
  EXPECT_NE(random_bits(1, 7), random_bits(2, 7));
}

TEST(Dequantisation, of_nf4_takes_the_high_nibble_first_and_one_scale_for_64) {
  constexpr std::size_t kElements = 3 * 64;
  const Bytes codes = random_bytes(kElements / 2);
  const std::vector<float> absmax = random_scales(3), table = nf4_table();
  const auto words = vectors<std::uint32_t>(codes);
  std::vector<Words4> out;
  for (std::size_t i = 0; i < kElements / 8; ++i) {
    out.push_back(dequant_nf4_8(static_cast<std::int64_t>(i), words.data(), absmax.data(), table.data()));
  }
  const Values got = reference::widened(scalars<std::uint16_t>(out));
  EXPECT_LT(reference::relative_error(got, reference::nf4(codes, absmax)), kBf16Rounding);
  EXPECT_EQ(table[codes[0] >> 4U] < 0, got[0] < 0);
}

TEST(Dequantisation, of_int8_takes_one_scale_for_1024) {
  constexpr std::size_t kElements = 2 * 1024;
  const Bytes codes = random_bytes(kElements);
  const std::vector<float> scales = {0.01F, 0.03F};
  const auto words = vectors<Words2>(codes);
  std::vector<Words4> out;
  for (std::size_t i = 0; i < kElements / 8; ++i) {
    out.push_back(dequant_int8_8(static_cast<std::int64_t>(i), words.data(), scales.data()));
  }
  const Values got = reference::widened(scalars<std::uint16_t>(out));
  EXPECT_LT(reference::relative_error(got, reference::int8(codes, scales, kInt8Block)), kBf16Rounding);
}

TEST(Elementwise, adds_and_gates) {
  const Bf16 a = random_bf16(64, 1), b = random_bf16(64, 2);
  const auto left = vectors<Words4>(a), right = vectors<Words4>(b);
  std::vector<Words4> sums, gated;
  for (std::size_t i = 0; i < left.size(); ++i) {
    sums.push_back(add_8(left[i], right[i]));
    gated.push_back(silu_mul_8(left[i], right[i]));
  }
  EXPECT_LT(reference::relative_error(reference::widened(scalars<std::uint16_t>(sums)), reference::add(a, b)),
            kBf16Rounding);
  Bf16 rows = a;
  rows.insert(rows.end(), b.begin(), b.end());
  EXPECT_LT(reference::relative_error(reference::widened(scalars<std::uint16_t>(gated)),
                                      reference::silu_mul(rows, 64)),
            kBf16Rounding);
}

TEST(Rows, are_normed_and_quantised_by_all_threads_together) {
  constexpr std::int64_t kColumns = 2560, kThreads = 256;
  const Bf16 x = random_bf16(kColumns, 3), weight = random_bf16(kColumns, 4);
  const auto row = vectors<Words4>(x), weights = vectors<Words4>(weight);
  const auto row_vectors = static_cast<std::int64_t>(row.size());
  float squares = 0, largest = 0;
  for (std::int64_t thread = 0; thread < kThreads; ++thread) {
    squares += square_sum_of_thread(row.data(), row_vectors, thread, kThreads);
    largest = std::max(largest, abs_max_of_thread(row.data(), row_vectors, thread, kThreads));
  }
  const float factor = 1.0F / std::sqrt(squares / static_cast<float>(kColumns) + 1e-6F);
  std::vector<Words4> normed;
  std::vector<Words2> quantised;
  for (std::size_t v = 0; v < row.size(); ++v) {
    normed.push_back(scale_by_weight_8(row[v], weights[v], factor));
    quantised.push_back(quant_int8_8(row[v], 127.0F / largest));
  }
  EXPECT_LT(reference::relative_error(reference::widened(scalars<std::uint16_t>(normed)),
                                      reference::rmsnorm(x, weight, 1e-6)),
            kBf16Rounding);
  const auto bytes = scalars<std::int8_t>(quantised);
  EXPECT_LT(reference::relative_error(Values(bytes.begin(), bytes.end()), reference::quant_int8(x, kColumns)),
            1.01 / 127);
}

TEST(Gemv, lanes_together_cover_a_row_that_is_no_multiple_of_a_warps_stride) {
  constexpr std::int64_t kK = 1472, kRows = 3;
  const Bf16 x = random_bf16(kK, 6);
  const auto xs = vectors<Words4>(x);
  const Bytes nf4_codes = random_bytes(kRows * kK / 2), int8_codes = random_bytes(kRows * kK);
  const std::vector<float> absmax = random_scales(kRows * kK / 64), table = nf4_table(), scales = {1, 2, 3};
  const auto nf4_words = vectors<Words4>(nf4_codes), int8_words = vectors<Words4>(int8_codes);
  Values nf4_got, int8_got;
  for (std::int64_t row = 0; row < kRows; ++row) {
    double nf4_sum = 0, int8_sum = 0;
    for (std::int64_t lane = 0; lane < kWarp; ++lane) {
      nf4_sum += static_cast<double>(nf4_dot_of_lane(nf4_words.data() + row * (kK / 32),
                                                     absmax.data() + row * (kK / kNf4Block), xs.data(), kK,
                                                     lane, table.data()));
      int8_sum +=
          static_cast<double>(int8_dot_of_lane(int8_words.data() + row * (kK / 16), xs.data(), kK, lane));
    }
    nf4_got.push_back(nf4_sum);
    int8_got.push_back(int8_sum * static_cast<double>(scales[static_cast<std::size_t>(row)]));
  }
  const Values wide = reference::widened(x);
  EXPECT_LT(reference::relative_error(
                nf4_got, reference::product(wide, reference::nf4(nf4_codes, absmax), 1, kRows, kK)),
            1e-5);
  EXPECT_LT(reference::relative_error(
                int8_got, reference::product(wide, reference::int8(int8_codes, scales, kK), 1, kRows, kK)),
            1e-5);
}

TEST(Read, folds_every_word_once) {
  const auto data = vectors<Words4>(random_bytes(16 * 37));
  std::uint32_t want = 0, got = 0;
  for (const std::uint32_t word : scalars<std::uint32_t>(data)) want ^= word;
  for (std::int64_t thread = 0; thread < 8; ++thread) got ^= xor_of_thread(data.data(), 37, thread, 8);
  EXPECT_EQ(got, want);
}

TEST(RelativeError, is_infinite_where_a_value_is_missing_or_not_finite) {
  EXPECT_TRUE(std::isinf(reference::relative_error({1}, {1, 2})));
  EXPECT_TRUE(std::isinf(reference::relative_error({std::nan("")}, {1})));
  EXPECT_DOUBLE_EQ(reference::relative_error({1, 4.5}, {1, 5}), 0.1);
}

}  // namespace
}  // namespace hopsim::microbench
