// SPDX-License-Identifier: Apache-2.0
// Weight-only matrix-vector products (one warp a row), memory traffic, random contents, and empty kernels.
#include <cuda_fp8.h>

#include <algorithm>

#include "microbench/device.hpp"
#include "microbench/kernels.hpp"

namespace hopsim::microbench {

namespace {

constexpr int kThreads = 256;
constexpr int kWarpsPerBlock = 4;
constexpr int kWordsPerThread = 4;

__device__ std::int64_t thread_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__device__ float over_warp(float value) {
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffU, value, distance);
  return value;
}

__global__ void gemv_nf4(const Words4* codes, const float* absmax, const Words4* x, std::uint16_t* y,
                         std::int64_t n, std::int64_t k) {
  __shared__ float table[16];
  if (threadIdx.x < 16) table[threadIdx.x] = nf4_value(threadIdx.x);
  __syncthreads();
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  const std::int64_t lane = threadIdx.x % kWarp;
  if (row >= n) return;  // the whole warp
  const float sum =
      over_warp(nf4_dot_of_lane(codes + row * (k / 32), absmax + row * (k / kNf4Block), x, k, lane, table));
  if (lane == 0) y[row] = static_cast<std::uint16_t>(float_to_bf16(sum));
}

__global__ void gemv_int8(const Words4* codes, const float* scales, const Words4* x, std::uint16_t* y,
                          std::int64_t n, std::int64_t k) {
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  const std::int64_t lane = threadIdx.x % kWarp;
  if (row >= n) return;  // the whole warp
  const float sum = over_warp(int8_dot_of_lane(codes + row * (k / 16), x, k, lane)) * scales[row];
  if (lane == 0) y[row] = static_cast<std::uint16_t>(float_to_bf16(sum));
}

// A block moves kThreads * kWordsPerThread neighbouring vectors.
__global__ void copy(const Words4* from, Words4* to, std::int64_t vectors) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kThreads * kWordsPerThread + threadIdx.x;
  Words4 words[kWordsPerThread];
#pragma unroll
  for (int j = 0; j < kWordsPerThread; ++j) {
    if (first + j * kThreads < vectors) words[j] = from[first + j * kThreads];
  }
#pragma unroll
  for (int j = 0; j < kWordsPerThread; ++j) {
    if (first + j * kThreads < vectors) to[first + j * kThreads] = words[j];
  }
}

__global__ void read(const Words4* from, std::uint32_t* sink, std::int64_t vectors) {
  constexpr std::uint32_t kNever = 0x9e3779b9U;
  const auto threads = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  const std::uint32_t fold = xor_of_thread(from, vectors, thread_index(), threads);
  if (fold == kNever) *sink = fold;
}

__global__ void write(Words4* to, std::int64_t vectors, std::uint32_t seed) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kThreads * kWordsPerThread + threadIdx.x;
  const std::uint32_t word = seed ^ (static_cast<std::uint32_t>(first) * 0x9e3779b9U);
  const Words4 words = {{word, ~word, word + 1, word ^ 0x55555555U}};
#pragma unroll
  for (int j = 0; j < kWordsPerThread; ++j) {
    if (first + j * kThreads < vectors) to[first + j * kThreads] = words;
  }
}

__device__ std::uint32_t random_e4m3(std::uint32_t seed, std::uint64_t index) {
  return __nv_cvt_float_to_fp8(random_normal(seed, index), __NV_SATFINITE, __NV_E4M3);
}

__device__ std::uint32_t random_int8(std::uint32_t seed, std::uint64_t index) {
  return rounded_byte(fminf(fmaxf(32.0F * random_normal(seed, index), -127.0F), 127.0F));
}

__device__ std::uint32_t random_word(Fill fill, std::uint32_t seed, std::uint64_t i) {
  if (fill == Fill::kBytes) return random_bits(seed, i);
  if (fill == Fill::kScales)
    return __float_as_uint(0.01F + 0.02F * (random_bits(seed, i) >> 8U) / 16777216.0F);
  if (fill == Fill::kBf16Normal) return pack_bf16(random_normal(seed, 2 * i), random_normal(seed, 2 * i + 1));
  std::uint32_t word = 0;
  for (unsigned j = 0; j < 4; ++j) {
    const std::uint64_t at = 4 * i + j;
    word |= (fill == Fill::kE4m3Normal ? random_e4m3(seed, at) : random_int8(seed, at)) << (8U * j);
  }
  return word;
}

__global__ void fill(std::uint32_t* data, std::int64_t words, Fill kind, std::uint32_t seed) {
  const auto threads = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = thread_index(); i < words; i += threads) {
    data[i] = random_word(kind, seed, static_cast<std::uint64_t>(i));
  }
}

struct Arguments256 {
  std::uint64_t value[32];
};

__global__ void empty() {}
__global__ void empty_256b(Arguments256) {}
__global__ void signal(volatile std::uint32_t* flag, std::uint32_t value) {
  *flag = value;
  __threadfence_system();
}

unsigned copy_blocks(std::int64_t vectors) {
  constexpr std::int64_t kPerBlock = kThreads * kWordsPerThread;
  return static_cast<unsigned>((vectors + kPerBlock - 1) / kPerBlock);
}

unsigned rows_of_blocks(std::int64_t n) {
  return static_cast<unsigned>((n + kWarpsPerBlock - 1) / kWarpsPerBlock);
}

}  // namespace

void fill_random(void* data, std::int64_t bytes, Fill kind, std::uint32_t seed, cudaStream_t stream) {
  const std::int64_t words = bytes / 4;
  const std::int64_t blocks = std::min<std::int64_t>((words + kThreads - 1) / kThreads, 65536);
  fill<<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(static_cast<std::uint32_t*>(data), words, kind,
                                                               seed);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_gemv_nf4(const void* codes, const float* absmax, const void* x, void* y, std::int64_t n,
                     std::int64_t k, cudaStream_t stream) {
  gemv_nf4<<<rows_of_blocks(n), kWarpsPerBlock * kWarp, 0, stream>>>(static_cast<const Words4*>(codes),
                                                                     absmax, static_cast<const Words4*>(x),
                                                                     static_cast<std::uint16_t*>(y), n, k);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_gemv_int8(const void* codes, const float* scales, const void* x, void* y, std::int64_t n,
                      std::int64_t k, cudaStream_t stream) {
  gemv_int8<<<rows_of_blocks(n), kWarpsPerBlock * kWarp, 0, stream>>>(static_cast<const Words4*>(codes),
                                                                      scales, static_cast<const Words4*>(x),
                                                                      static_cast<std::uint16_t*>(y), n, k);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_copy(const void* from, void* to, std::int64_t bytes, cudaStream_t stream) {
  const std::int64_t vectors = bytes / 16;
  copy<<<copy_blocks(vectors), kThreads, 0, stream>>>(static_cast<const Words4*>(from),
                                                      static_cast<Words4*>(to), vectors);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_read(const void* from, std::uint32_t* sink, std::int64_t bytes, int sms, cudaStream_t stream) {
  const std::int64_t vectors = bytes / 16;
  const std::int64_t blocks =
      std::min<std::int64_t>((vectors + kThreads - 1) / kThreads, 16 * std::int64_t{sms});
  read<<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(static_cast<const Words4*>(from), sink,
                                                               vectors);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_write(void* to, std::int64_t bytes, std::uint32_t seed, cudaStream_t stream) {
  const std::int64_t vectors = bytes / 16;
  write<<<copy_blocks(vectors), kThreads, 0, stream>>>(static_cast<Words4*>(to), vectors, seed);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_empty(cudaStream_t stream) {
  empty<<<1, 32, 0, stream>>>();
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_empty_256b(cudaStream_t stream) {
  empty_256b<<<1, 32, 0, stream>>>(Arguments256{{1}});
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_signal(volatile std::uint32_t* flag, std::uint32_t value, cudaStream_t stream) {
  signal<<<1, 1, 0, stream>>>(flag, value);
  HOPSIM_CHECKED(cudaGetLastError());
}

}  // namespace hopsim::microbench
