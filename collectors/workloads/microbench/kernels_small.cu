// SPDX-License-Identifier: Apache-2.0
// Elementwise, dequantisation, norm and quantisation kernels: index arithmetic and reductions around
// kernel_math.hpp. One thread a vector of 8 elements, or one block a row.
#include "microbench/device.hpp"
#include "microbench/kernels.hpp"

namespace hopsim::microbench {

namespace {

constexpr int kThreads = 256;

unsigned blocks_for(std::int64_t threads) {
  return static_cast<unsigned>((threads + kThreads - 1) / kThreads);
}

__device__ std::int64_t thread_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__global__ void dequant_nf4(const std::uint32_t* codes, const float* absmax, Words4* out,
                            std::int64_t vectors) {
  __shared__ float table[16];
  if (threadIdx.x < 16) table[threadIdx.x] = nf4_value(threadIdx.x);
  __syncthreads();
  const std::int64_t i = thread_index();
  if (i < vectors) out[i] = dequant_nf4_8(i, codes, absmax, table);
}

__global__ void dequant_int8(const Words2* codes, const float* scales, Words4* out, std::int64_t vectors) {
  const std::int64_t i = thread_index();
  if (i < vectors) out[i] = dequant_int8_8(i, codes, scales);
}

__global__ void add(const Words4* a, const Words4* b, Words4* out, std::int64_t vectors) {
  const std::int64_t i = thread_index();
  if (i < vectors) out[i] = add_8(a[i], b[i]);
}

__global__ void silu_mul(const Words4* gate_up, Words4* out, std::int64_t vectors, std::int64_t row_vectors) {
  const std::int64_t i = thread_index();
  if (i >= vectors) return;
  const std::int64_t row = i / row_vectors, column = i % row_vectors;
  const Words4* gate = gate_up + 2 * row * row_vectors + column;
  out[i] = silu_mul_8(gate[0], gate[row_vectors]);
}

struct Sum {
  __device__ float operator()(float a, float b) const { return a + b; }
};
struct Largest {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

// Over the kThreads threads of a block; every thread gets the result. 0 is neutral for both operations here.
template <class Combine>
__device__ float over_block(float value, Combine combine) {
  __shared__ float partial[kThreads / kWarp];
  for (int distance = 16; distance > 0; distance /= 2) {
    value = combine(value, __shfl_xor_sync(0xffffffffU, value, distance));
  }
  if (threadIdx.x % kWarp == 0) partial[threadIdx.x / kWarp] = value;
  __syncthreads();
  float total = 0;
  for (const float part : partial) total = combine(total, part);
  return total;
}

__global__ void __launch_bounds__(kThreads)
    rmsnorm(const Words4* x, const Words4* weight, Words4* out, std::int64_t row_vectors) {
  const Words4* row = x + blockIdx.x * row_vectors;
  const float squares = over_block(square_sum_of_thread(row, row_vectors, threadIdx.x, kThreads), Sum{});
  const float factor = rsqrtf(squares / static_cast<float>(8 * row_vectors) + kRmsEpsilon);
  for (std::int64_t v = threadIdx.x; v < row_vectors; v += kThreads) {
    out[blockIdx.x * row_vectors + v] = scale_by_weight_8(row[v], weight[v], factor);
  }
}

__global__ void __launch_bounds__(kThreads)
    quant_int8(const Words4* x, Words2* out, float* scales, std::int64_t row_vectors) {
  const Words4* row = x + blockIdx.x * row_vectors;
  const float largest = over_block(abs_max_of_thread(row, row_vectors, threadIdx.x, kThreads), Largest{});
  const float factor = largest > 0 ? 127.0F / largest : 0.0F;
  if (threadIdx.x == 0) scales[blockIdx.x] = largest / 127.0F;
  for (std::int64_t v = threadIdx.x; v < row_vectors; v += kThreads) {
    out[blockIdx.x * row_vectors + v] = quant_int8_8(row[v], factor);
  }
}

}  // namespace

void launch_dequant_nf4(const void* codes, const float* absmax, void* out, std::int64_t elements,
                        cudaStream_t stream) {
  dequant_nf4<<<blocks_for(elements / 8), kThreads, 0, stream>>>(
      static_cast<const std::uint32_t*>(codes), absmax, static_cast<Words4*>(out), elements / 8);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_dequant_int8(const void* codes, const float* scales, void* out, std::int64_t elements,
                         cudaStream_t stream) {
  dequant_int8<<<blocks_for(elements / 8), kThreads, 0, stream>>>(static_cast<const Words2*>(codes), scales,
                                                                  static_cast<Words4*>(out), elements / 8);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_add(const void* a, const void* b, void* out, std::int64_t elements, cudaStream_t stream) {
  add<<<blocks_for(elements / 8), kThreads, 0, stream>>>(
      static_cast<const Words4*>(a), static_cast<const Words4*>(b), static_cast<Words4*>(out), elements / 8);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_silu_mul(const void* gate_up, void* out, std::int64_t rows, std::int64_t columns,
                     cudaStream_t stream) {
  const std::int64_t vectors = rows * columns / 8;
  silu_mul<<<blocks_for(vectors), kThreads, 0, stream>>>(static_cast<const Words4*>(gate_up),
                                                         static_cast<Words4*>(out), vectors, columns / 8);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_rmsnorm(const void* x, const void* weight, void* out, std::int64_t rows, std::int64_t columns,
                    cudaStream_t stream) {
  rmsnorm<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(static_cast<const Words4*>(x),
                                                                static_cast<const Words4*>(weight),
                                                                static_cast<Words4*>(out), columns / 8);
  HOPSIM_CHECKED(cudaGetLastError());
}

void launch_quant_int8(const void* x, void* out, float* scales, std::int64_t rows, std::int64_t columns,
                       cudaStream_t stream) {
  quant_int8<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(
      static_cast<const Words4*>(x), static_cast<Words2*>(out), scales, columns / 8);
  HOPSIM_CHECKED(cudaGetLastError());
}

}  // namespace hopsim::microbench
