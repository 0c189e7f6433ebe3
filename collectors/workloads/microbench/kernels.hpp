// SPDX-License-Identifier: Apache-2.0
// Launches of our own kernels on a stream. What a thread computes stands in kernel_math.hpp; alignment and
// length rules as there. Each launch is checked.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "microbench/kernel_math.hpp"

namespace hopsim::microbench {

inline constexpr float kRmsEpsilon = 1e-6F;

enum class Fill { kBf16Normal, kE4m3Normal, kInt8Normal, kBytes, kScales };

/// Random contents, a function of seed and position alone; never zeros. `bytes` is a multiple of 4.
void fill_random(void* data, std::int64_t bytes, Fill fill, std::uint32_t seed, cudaStream_t stream);

void launch_dequant_nf4(const void* codes, const float* absmax, void* out, std::int64_t elements,
                        cudaStream_t stream);
void launch_dequant_int8(const void* codes, const float* scales, void* out, std::int64_t elements,
                         cudaStream_t stream);
void launch_add(const void* a, const void* b, void* out, std::int64_t elements, cudaStream_t stream);
/// `gate_up` holds rows of 2 * columns.
void launch_silu_mul(const void* gate_up, void* out, std::int64_t rows, std::int64_t columns,
                     cudaStream_t stream);
void launch_rmsnorm(const void* x, const void* weight, void* out, std::int64_t rows, std::int64_t columns,
                    cudaStream_t stream);
/// One scale a row, largest magnitude / 127.
void launch_quant_int8(const void* x, void* out, float* scales, std::int64_t rows, std::int64_t columns,
                       cudaStream_t stream);
/// y[n] = W[n, k] x[k], W in nf4 with one absmax for 64 elements.
void launch_gemv_nf4(const void* codes, const float* absmax, const void* x, void* y, std::int64_t n,
                     std::int64_t k, cudaStream_t stream);
/// W in int8 with one scale a row.
void launch_gemv_int8(const void* codes, const float* scales, const void* x, void* y, std::int64_t n,
                      std::int64_t k, cudaStream_t stream);
void launch_copy(const void* from, void* to, std::int64_t bytes, cudaStream_t stream);
/// Folds a buffer into one word, which is written only where it has a value that does not occur in practice.
void launch_read(const void* from, std::uint32_t* sink, std::int64_t bytes, int sms, cudaStream_t stream);
void launch_write(void* to, std::int64_t bytes, std::uint32_t seed, cudaStream_t stream);

void launch_empty(cudaStream_t stream);
/// With 256 bytes of arguments.
void launch_empty_256b(cudaStream_t stream);
/// Writes `value` to host memory that is mapped into the GPU.
void launch_signal(volatile std::uint32_t* flag, std::uint32_t value, cudaStream_t stream);

}  // namespace hopsim::microbench
