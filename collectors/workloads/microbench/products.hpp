// SPDX-License-Identifier: Apache-2.0
// y[m, n] = x[m, k] W[n, k]^T through cuBLASLt (bf16, fp8, int8; its first heuristic, as frameworks take it)
// and through cublasGemmEx (bf16, as PyTorch calls it without a bias). All are the column-major product
// y^T[n, m] = W^T x^T with W transposed ("TN"), the layout that fp8 and int8 demand. Outputs: bf16; int8:
// int32.
#pragma once

#include <cublasLt.h>
#include <cublas_v2.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "microbench/device.hpp"

namespace hopsim::microbench {

struct Product {
  std::function<void(const void* w, const void* x, void* y)> launch;
  std::string algorithm;  ///< "id=..;tile=..;splitk=..;stages=.." of cuBLASLt
};

class Products {
 public:
  Products(cudaStream_t stream, std::int64_t workspace_bytes);
  ~Products();
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;

  /// `dtype`: bfloat16, fp8, int8. None where cuBLASLt has no algorithm for it on this GPU.
  [[nodiscard]] std::optional<Product> lt(const std::string& dtype, std::int64_t m, std::int64_t n,
                                          std::int64_t k);
  [[nodiscard]] Product blas(std::int64_t m, std::int64_t n, std::int64_t k);
  [[nodiscard]] static std::int64_t lt_version() { return static_cast<std::int64_t>(cublasLtGetVersion()); }

 private:
  cudaStream_t stream_;
  DeviceBuffer workspace_, one_;  // one_: the scale of fp8 operands
  cublasLtHandle_t lt_ = nullptr;
  cublasHandle_t blas_ = nullptr;
};

}  // namespace hopsim::microbench
