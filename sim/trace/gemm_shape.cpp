// SPDX-License-Identifier: Apache-2.0
#include "trace/gemm_shape.hpp"

#include <array>
#include <utility>

namespace hopsim::trace {

namespace {

using Dims = std::vector<std::int64_t>;

enum class Form { kMatMat, kBatched, kLinear, kMatmul, kMatVec };

struct Operator {
  std::string_view name;
  Form form;
  std::size_t first;  // index of operand A among the inputs
};

constexpr std::array kOperators = {Operator{"aten::mm", Form::kMatMat, 0},
                                   Operator{"aten::addmm", Form::kMatMat, 1},
                                   Operator{"aten::_addmm_activation", Form::kMatMat, 1},
                                   Operator{"aten::_int_mm", Form::kMatMat, 0},
                                   Operator{"aten::_scaled_mm", Form::kMatMat, 0},
                                   Operator{"aten::bmm", Form::kBatched, 0},
                                   Operator{"aten::baddbmm", Form::kBatched, 1},
                                   Operator{"aten::linear", Form::kLinear, 0},
                                   Operator{"aten::matmul", Form::kMatmul, 0},
                                   Operator{"aten::mv", Form::kMatVec, 0},
                                   Operator{"aten::addmv", Form::kMatVec, 1}};

auto find(std::string_view name) -> const Operator* {
  for (const Operator& known : kOperators) {
    if (known.name == name) {
      return &known;
    }
  }
  return nullptr;
}

// Product of all sizes but the last `kept`. Bounded, so that sizes out of a damaged file can't overflow.
auto rows(const Dims& dims, std::size_t kept) -> std::int64_t {
  constexpr std::int64_t kMost = std::int64_t{1} << 31U;
  std::int64_t out = 1;
  for (std::size_t i = 0; i + kept < dims.size(); ++i) {
    out = dims[i] > 0 && dims[i] < kMost && out < kMost ? out * dims[i] : 0;
  }
  return out;
}

auto shape_of(Form form, const Dims& a, const Dims& b) -> std::optional<GemmShape> {
  switch (form) {
    case Form::kMatMat:
      return a.size() == 2 && b.size() == 2 && a[1] == b[0] ? std::optional(GemmShape{1, a[0], b[1], a[1]})
                                                            : std::nullopt;
    case Form::kBatched:
      return a.size() == 3 && b.size() == 3 && a[2] == b[1] ? std::optional(GemmShape{a[0], a[1], b[2], a[2]})
                                                            : std::nullopt;
    case Form::kLinear:
      return !a.empty() && b.size() == 2 && a.back() == b[1]
                 ? std::optional(GemmShape{1, rows(a, 1), b[0], a.back()})
                 : std::nullopt;
    case Form::kMatVec:
      return a.size() == 2 && b.size() == 1 && a[1] == b[0] ? std::optional(GemmShape{1, 1, a[0], a[1]})
                                                            : std::nullopt;
    case Form::kMatmul:
      if (b.size() == 2 && !a.empty() && a.back() == b[0]) {
        return GemmShape{1, rows(a, 1), b[1], a.back()};
      }
      if (a.size() > 2 && b.size() == a.size() && a.back() == b[b.size() - 2]) {
        return GemmShape{rows(a, 2), a[a.size() - 2], b.back(), a.back()};
      }
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

bool is_matrix_product(std::string_view operator_name) {
  return operator_name.starts_with("aten::") && find(operator_name) != nullptr;
}

std::optional<GemmShape> gemm_shape(std::string_view operator_name, const std::vector<Dims>& dims) {
  const Operator* known = find(operator_name);
  if (known == nullptr || dims.size() < known->first + 2) {
    return std::nullopt;
  }
  const std::optional<GemmShape> out = shape_of(known->form, dims[known->first], dims[known->first + 1]);
  return out && out->batch > 0 && out->m > 0 && out->n > 0 && out->k > 0 ? out : std::nullopt;
}

std::string dtype_name(std::string_view torch_type) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kNames = {
      {{"c10::BFloat16", "bfloat16"},
       {"c10::Half", "float16"},
       {"float", "float32"},
       {"double", "float64"},
       {"signed char", "int8"},
       {"unsigned char", "uint8"},
       {"c10::Float8_e4m3fn", "fp8"},
       {"c10::Float8_e5m2", "fp8_e5m2"},
       {"int", "int32"}}};
  for (const auto& [torch, ours] : kNames) {
    if (torch == torch_type) {
      return std::string(ours);
    }
  }
  return std::string(torch_type);
}

}  // namespace hopsim::trace
