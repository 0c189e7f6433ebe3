// SPDX-License-Identifier: Apache-2.0
// m, n and k of the matrix product that an operator of PyTorch computes, from its name and the sizes of its
// inputs. The convention is that of kernel tables: C[m, n] = A[m, k] B[k, n], where m counts tokens and B is
// the weight.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hopsim::trace {

struct GemmShape {
  std::int64_t batch = 1, m = 0, n = 0, k = 0;
};

/// aten::mm, addmm, bmm, baddbmm, linear, matmul, mv, _int_mm, _scaled_mm ...
[[nodiscard]] bool is_matrix_product(std::string_view operator_name);

/// Nothing where the sizes do not fit the operator.
[[nodiscard]] std::optional<GemmShape> gemm_shape(std::string_view operator_name,
                                                  const std::vector<std::vector<std::int64_t>>& dims);

/// "c10::BFloat16" -> "bfloat16", "float" -> "float32", "signed char" -> "int8": the names of kernel tables.
[[nodiscard]] std::string dtype_name(std::string_view torch_type);

}  // namespace hopsim::trace
