// SPDX-License-Identifier: Apache-2.0
// What one thread of each kernel computes, as functions that run on the CPU too: the tests drive them over
// all threads of a launch and compare with reference.hpp. kernels.cu adds only indices and reductions. 16 bit
// values are bfloat16 bits. Every access is a full vector of 4, 8 or 16 bytes, so pointers are aligned to
// that and lengths are multiples of 8 (elementwise, dequantisation), 16 (int8) or 64 (nf4) elements.
// The nf4 table is that of QLoRA (arXiv 2305.14314, appendix E); like bitsandbytes the high nibble comes
// first.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#include <cuda_bf16.h>
#define HOPSIM_HD __host__ __device__ inline
#else
#define HOPSIM_HD inline
#endif

namespace hopsim::microbench {

struct alignas(8) Words2 {
  std::uint32_t w[2];
};
struct alignas(16) Words4 {
  std::uint32_t w[4];
};

inline constexpr std::int64_t kNf4Block = 64;     ///< elements that share one absmax
inline constexpr std::int64_t kInt8Block = 1024;  ///< elements that share one scale in dequant_int8
inline constexpr std::int64_t kWarp = 32;

/// What an nf4 code stands for, before scaling.
HOPSIM_HD float nf4_value(unsigned code) {
  constexpr float kTable[16] = {-1.0F,
                                -0.6961928009986877F,
                                -0.5250730514526367F,
                                -0.39491748809814453F,
                                -0.28444138169288635F,
                                -0.18477343022823334F,
                                -0.09105003625154495F,
                                0.0F,
                                0.07958029955625534F,
                                0.16093020141124725F,
                                0.24611230194568634F,
                                0.33791524171829224F,
                                0.44070982933044434F,
                                0.5626170039176941F,
                                0.7229568362236023F,
                                1.0F};
  return kTable[code];
}

HOPSIM_HD float bf16_to_float(std::uint32_t bits) {
  const std::uint32_t wide = bits << 16U;
#ifdef __CUDA_ARCH__
  return __uint_as_float(wide);
#else
  float value = 0;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
#endif
}

/// Rounds to nearest even; finite input.
HOPSIM_HD std::uint32_t float_to_bf16(float value) {
#ifdef __CUDA_ARCH__
  return __bfloat16_as_ushort(__float2bfloat16_rn(value));
#else
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return (bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U;
#endif
}

HOPSIM_HD std::uint32_t pack_bf16(float low, float high) {
  return float_to_bf16(low) | (float_to_bf16(high) << 16U);
}
HOPSIM_HD float low_bf16(std::uint32_t word) { return bf16_to_float(word & 0xffffU); }
HOPSIM_HD float high_bf16(std::uint32_t word) { return bf16_to_float(word >> 16U); }

/// Byte j of a word as a signed number.
HOPSIM_HD float signed_byte(std::uint32_t word, int j) {
  return static_cast<float>(static_cast<std::int8_t>((word >> (8U * static_cast<unsigned>(j))) & 0xffU));
}

/// Bits that look random, a function of seed and index alone (the finaliser of MurmurHash3, twice).
HOPSIM_HD std::uint32_t random_bits(std::uint32_t seed, std::uint64_t index) {
  std::uint32_t h = seed ^ static_cast<std::uint32_t>(index);
  for (int round = 0; round < 2; ++round) {
    h ^= h >> 16U;
    h *= 0x85ebca6bU;
    h ^= h >> 13U;
    h *= 0xc2b2ae35U;
    h ^= h >> 16U;
    h ^= static_cast<std::uint32_t>(index >> 32U) * 0x9e3779b9U;
  }
  return h;
}

/// About normal, mean 0 and deviation 1: the sum of four uniform bytes.
HOPSIM_HD float random_normal(std::uint32_t seed, std::uint64_t index) {
  const std::uint32_t r = random_bits(seed, index);
  const std::uint32_t sum = (r & 0xffU) + ((r >> 8U) & 0xffU) + ((r >> 16U) & 0xffU) + (r >> 24U);
  return (static_cast<float>(sum) - 510.0F) * (1.0F / 147.8F);
}

/// 8 elements 8 i ... 8 i + 7 of blockwise nf4; `table` holds nf4_value() of each code, on the GPU in shared
/// memory.
HOPSIM_HD Words4 dequant_nf4_8(std::int64_t i, const std::uint32_t* codes, const float* absmax,
                               const float* table) {
  const std::uint32_t word = codes[i];
  const float scale = absmax[i / (kNf4Block / 8)];
  Words4 out;
  for (int j = 0; j < 4; ++j) {
    const std::uint32_t byte = (word >> (8U * static_cast<unsigned>(j))) & 0xffU;
    out.w[j] = pack_bf16(table[byte >> 4U] * scale, table[byte & 0xfU] * scale);
  }
  return out;
}

/// 8 elements of int8 with one scale for kInt8Block of them.
HOPSIM_HD Words4 dequant_int8_8(std::int64_t i, const Words2* codes, const float* scales) {
  const Words2 words = codes[i];
  const float scale = scales[i / (kInt8Block / 8)];
  Words4 out;
  for (int j = 0; j < 4; ++j) {
    const std::uint32_t word = words.w[j / 2];
    const int first = 2 * (j % 2);
    out.w[j] = pack_bf16(signed_byte(word, first) * scale, signed_byte(word, first + 1) * scale);
  }
  return out;
}

HOPSIM_HD Words4 add_8(const Words4& a, const Words4& b) {
  Words4 out;
  for (int j = 0; j < 4; ++j) {
    out.w[j] = pack_bf16(low_bf16(a.w[j]) + low_bf16(b.w[j]), high_bf16(a.w[j]) + high_bf16(b.w[j]));
  }
  return out;
}

HOPSIM_HD float silu(float x) { return x / (1.0F + expf(-x)); }

HOPSIM_HD Words4 silu_mul_8(const Words4& gate, const Words4& up) {
  Words4 out;
  for (int j = 0; j < 4; ++j) {
    out.w[j] = pack_bf16(silu(low_bf16(gate.w[j])) * low_bf16(up.w[j]),
                         silu(high_bf16(gate.w[j])) * high_bf16(up.w[j]));
  }
  return out;
}

/// What one of `threads` threads adds to the sum of squares of a row of 8 * vectors elements.
HOPSIM_HD float square_sum_of_thread(const Words4* row, std::int64_t vectors, std::int64_t thread,
                                     std::int64_t threads) {
  float sum = 0;
  for (std::int64_t v = thread; v < vectors; v += threads) {
    const Words4 words = row[v];
    for (const std::uint32_t word : words.w) {
      sum += low_bf16(word) * low_bf16(word) + high_bf16(word) * high_bf16(word);
    }
  }
  return sum;
}

HOPSIM_HD Words4 scale_by_weight_8(const Words4& x, const Words4& weight, float factor) {
  Words4 out;
  for (int j = 0; j < 4; ++j) {
    out.w[j] = pack_bf16(low_bf16(x.w[j]) * factor * low_bf16(weight.w[j]),
                         high_bf16(x.w[j]) * factor * high_bf16(weight.w[j]));
  }
  return out;
}

HOPSIM_HD float abs_max_of_thread(const Words4* row, std::int64_t vectors, std::int64_t thread,
                                  std::int64_t threads) {
  float largest = 0;
  for (std::int64_t v = thread; v < vectors; v += threads) {
    const Words4 words = row[v];
    for (const std::uint32_t word : words.w) {
      largest = fmaxf(largest, fmaxf(fabsf(low_bf16(word)), fabsf(high_bf16(word))));
    }
  }
  return largest;
}

HOPSIM_HD std::uint32_t rounded_byte(float value) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(rintf(value))) & 0xffU;
}

/// 8 elements to int8: x * factor, factor = 127 / largest magnitude of the row.
HOPSIM_HD Words2 quant_int8_8(const Words4& x, float factor) {
  Words2 out;
  for (int j = 0; j < 2; ++j) {
    const std::uint32_t a = x.w[2 * j], b = x.w[2 * j + 1];
    out.w[j] = rounded_byte(low_bf16(a) * factor) | (rounded_byte(high_bf16(a) * factor) << 8U) |
               (rounded_byte(low_bf16(b) * factor) << 16U) | (rounded_byte(high_bf16(b) * factor) << 24U);
  }
  return out;
}

/// One lane's share of the product of an nf4 row of k elements with x: 32 elements at a time, lanes side by
/// side.
HOPSIM_HD float nf4_dot_of_lane(const Words4* codes, const float* absmax, const Words4* x, std::int64_t k,
                                std::int64_t lane, const float* table) {
  float total = 0;
  for (std::int64_t base = 32 * lane; base < k; base += 32 * kWarp) {
    const Words4 words = codes[base / 32];
    float sum = 0;
    for (int q = 0; q < 4; ++q) {
      const Words4 xs = x[base / 8 + q];
      for (int j = 0; j < 4; ++j) {
        const std::uint32_t byte = (words.w[q] >> (8U * static_cast<unsigned>(j))) & 0xffU;
        sum += table[byte >> 4U] * low_bf16(xs.w[j]) + table[byte & 0xfU] * high_bf16(xs.w[j]);
      }
    }
    total += sum * absmax[base / kNf4Block];
  }
  return total;
}

/// One lane's share of the product of an int8 row with x, without the row's scale: 16 elements at a time.
HOPSIM_HD float int8_dot_of_lane(const Words4* codes, const Words4* x, std::int64_t k, std::int64_t lane) {
  float total = 0;
  for (std::int64_t base = 16 * lane; base < k; base += 16 * kWarp) {
    const Words4 words = codes[base / 16];
    for (int q = 0; q < 4; ++q) {
      const Words4 xs = x[base / 8 + q / 2];
      const std::uint32_t a = xs.w[2 * (q % 2)], b = xs.w[2 * (q % 2) + 1];
      total += signed_byte(words.w[q], 0) * low_bf16(a) + signed_byte(words.w[q], 1) * high_bf16(a) +
               signed_byte(words.w[q], 2) * low_bf16(b) + signed_byte(words.w[q], 3) * high_bf16(b);
    }
  }
  return total;
}

/// One thread's fold of a buffer: reads all of it together with the other threads.
HOPSIM_HD std::uint32_t xor_of_thread(const Words4* data, std::int64_t vectors, std::int64_t thread,
                                      std::int64_t threads) {
  std::uint32_t fold = 0;
  for (std::int64_t v = thread; v < vectors; v += threads) {
    const Words4 words = data[v];
    fold ^= words.w[0] ^ words.w[1] ^ words.w[2] ^ words.w[3];
  }
  return fold;
}

}  // namespace hopsim::microbench
