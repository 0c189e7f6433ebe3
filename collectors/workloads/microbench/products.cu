// SPDX-License-Identifier: Apache-2.0
#include "microbench/products.hpp"

namespace hopsim::microbench {

namespace {

template <class Handle, cublasStatus_t (*destroy)(Handle)>
struct Destroy {
  void operator()(Handle handle) const { destroy(handle); }
};
template <class Handle, cublasStatus_t (*destroy)(Handle)>
using Shared = std::shared_ptr<std::remove_pointer_t<Handle>>;  // shared: std::function copies what it holds

template <class Handle, cublasStatus_t (*destroy)(Handle)>
Shared<Handle, destroy> shared(Handle handle) {
  return Shared<Handle, destroy>(handle, Destroy<Handle, destroy>{});
}

auto layout(cudaDataType type, std::int64_t rows, std::int64_t columns) {
  cublasLtMatrixLayout_t raw = nullptr;
  HOPSIM_CHECKED(cublasLtMatrixLayoutCreate(&raw, type, static_cast<std::uint64_t>(rows),
                                            static_cast<std::uint64_t>(columns), rows));
  return shared<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>(raw);
}

struct Types {
  cudaDataType in, out, scale;
  cublasComputeType_t compute;
};

Types types_of(const std::string& dtype) {
  if (dtype == "fp8") return {CUDA_R_8F_E4M3, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F};
  if (dtype == "int8") return {CUDA_R_8I, CUDA_R_32I, CUDA_R_32I, CUBLAS_COMPUTE_32I};
  return {CUDA_R_16BF, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F};
}

template <class Value>
void set(cublasLtMatmulDesc_t description, cublasLtMatmulDescAttributes_t attribute, const Value& value) {
  HOPSIM_CHECKED(cublasLtMatmulDescSetAttribute(description, attribute, &value, sizeof(value)));
}

auto description(const Types& types, const float* one) {
  cublasLtMatmulDesc_t raw = nullptr;
  HOPSIM_CHECKED(cublasLtMatmulDescCreate(&raw, types.compute, types.scale));
  auto owned = shared<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>(raw);
  set(raw, CUBLASLT_MATMUL_DESC_TRANSA, std::int32_t{CUBLAS_OP_T});
  set(raw, CUBLASLT_MATMUL_DESC_TRANSB, std::int32_t{CUBLAS_OP_N});
  if (types.in == CUDA_R_8F_E4M3) {
    set(raw, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, static_cast<const void*>(one));
    set(raw, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, static_cast<const void*>(one));
    set(raw, CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{1});
  }
  return owned;
}

std::string describe(const cublasLtMatmulAlgo_t& algorithm) {
  const auto value = [&](cublasLtMatmulAlgoConfigAttributes_t attribute) -> std::string {
    std::int32_t number = -1;
    std::size_t written = 0;
    const cublasStatus_t status =
        cublasLtMatmulAlgoConfigGetAttribute(&algorithm, attribute, &number, sizeof(number), &written);
    return status == CUBLAS_STATUS_SUCCESS ? std::to_string(number) : "?";
  };
  return "id=" + value(CUBLASLT_ALGO_CONFIG_ID) + ";tile=" + value(CUBLASLT_ALGO_CONFIG_TILE_ID) +
         ";splitk=" + value(CUBLASLT_ALGO_CONFIG_SPLITK_NUM) +
         ";stages=" + value(CUBLASLT_ALGO_CONFIG_STAGES_ID);
}

}  // namespace

Products::Products(cudaStream_t stream, std::int64_t workspace_bytes)
    : stream_(stream), workspace_(workspace_bytes), one_(256) {
  const float one = 1;
  HOPSIM_CHECKED(cudaMemcpy(one_.at<float>(), &one, sizeof(one), cudaMemcpyHostToDevice));
  HOPSIM_CHECKED(cublasLtCreate(&lt_));
  HOPSIM_CHECKED(cublasCreate(&blas_));
  HOPSIM_CHECKED(cublasSetStream(blas_, stream_));
  HOPSIM_CHECKED(cublasSetWorkspace(blas_, workspace_.at<void>(), static_cast<std::size_t>(workspace_bytes)));
}

Products::~Products() {
  cublasDestroy(blas_);
  cublasLtDestroy(lt_);
}

std::optional<Product> Products::lt(const std::string& dtype, std::int64_t m, std::int64_t n,
                                    std::int64_t k) {
  const Types types = types_of(dtype);
  const auto product = description(types, one_.at<float>());
  const auto w = layout(types.in, k, n), x = layout(types.in, k, m), y = layout(types.out, n, m);
  cublasLtMatmulPreference_t raw = nullptr;
  HOPSIM_CHECKED(cublasLtMatmulPreferenceCreate(&raw));
  const auto preference = shared<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>(raw);
  const auto workspace_bytes = static_cast<std::size_t>(workspace_.bytes());
  HOPSIM_CHECKED(cublasLtMatmulPreferenceSetAttribute(raw, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                      &workspace_bytes, sizeof(workspace_bytes)));
  cublasLtMatmulHeuristicResult_t found{};
  int count = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(lt_, product.get(), w.get(), x.get(), y.get(),
                                                               y.get(), raw, 1, &found, &count);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || count == 0) return std::nullopt;
  HOPSIM_CHECKED(status);
  const cublasLtMatmulAlgo_t algorithm = found.algo;
  const bool integers = types.scale == CUDA_R_32I;
  auto launch = [=, this](const void* weights, const void* activations, void* out) {
    const float one = 1, zero = 0;
    const std::int32_t integer_one = 1, integer_zero = 0;
    const void* alpha = integers ? static_cast<const void*>(&integer_one) : &one;
    const void* beta = integers ? static_cast<const void*>(&integer_zero) : &zero;
    HOPSIM_CHECKED(cublasLtMatmul(lt_, product.get(), alpha, weights, w.get(), activations, x.get(), beta,
                                  out, y.get(), out, y.get(), &algorithm, workspace_.at<void>(),
                                  workspace_bytes, stream_));
  };
  return Product{launch, describe(algorithm)};
}

Product Products::blas(std::int64_t m, std::int64_t n, std::int64_t k) {
  const int im = static_cast<int>(m), in = static_cast<int>(n), ik = static_cast<int>(k);
  auto launch = [=, this](const void* w, const void* x, void* y) {
    const float one = 1, zero = 0;
    HOPSIM_CHECKED(cublasGemmEx(blas_, CUBLAS_OP_T, CUBLAS_OP_N, in, im, ik, &one, w, CUDA_R_16BF, ik, x,
                                CUDA_R_16BF, ik, &zero, y, CUDA_R_16BF, in, CUBLAS_COMPUTE_32F,
                                CUBLAS_GEMM_DEFAULT));
  };
  return {launch, ""};
}

}  // namespace hopsim::microbench
