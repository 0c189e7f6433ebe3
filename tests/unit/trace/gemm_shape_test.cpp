// SPDX-License-Identifier: Apache-2.0
#include "trace/gemm_shape.hpp"

#include <gtest/gtest.h>

namespace hopsim::trace {
namespace {

using Dims = std::vector<std::vector<std::int64_t>>;

void expect_shape(const char* name, const Dims& dims, std::int64_t batch, std::int64_t m, std::int64_t n,
                  std::int64_t k) {
  const std::optional<GemmShape> s = gemm_shape(name, dims);
  ASSERT_TRUE(s.has_value()) << name;
  EXPECT_EQ(s->batch, batch) << name;
  EXPECT_EQ(s->m, m) << name;
  EXPECT_EQ(s->n, n) << name;
  EXPECT_EQ(s->k, k) << name;
}

// C[m, n] = A[m, k] B[k, n]
TEST(GemmShape, Each_operator_has_its_operands_elsewhere) {
  expect_shape("aten::mm", {{16, 512}, {512, 2048}}, 1, 16, 2048, 512);
  expect_shape("aten::_int_mm", {{16, 512}, {512, 2048}}, 1, 16, 2048, 512);
  expect_shape("aten::_scaled_mm", {{16, 512}, {512, 2048}, {1}, {1}}, 1, 16, 2048, 512);
  expect_shape("aten::addmm", {{2048}, {16, 512}, {512, 2048}, {}, {}}, 1, 16, 2048, 512);
  expect_shape("aten::bmm", {{4, 16, 512}, {4, 512, 8}}, 4, 16, 8, 512);
  expect_shape("aten::baddbmm", {{1}, {4, 16, 512}, {4, 512, 8}}, 4, 16, 8, 512);
  expect_shape("aten::linear", {{2, 141, 512}, {2048, 512}, {2048}}, 1, 282, 2048, 512);
  expect_shape("aten::matmul", {{2, 8, 512}, {512, 64}}, 1, 16, 64, 512);
  expect_shape("aten::matmul", {{2, 3, 8, 512}, {2, 3, 512, 64}}, 6, 8, 64, 512);
  expect_shape("aten::mv", {{4096, 1024}, {1024}}, 1, 1, 4096, 1024);
}

TEST(GemmShape, Sizes_that_do_not_fit_give_nothing) {
  EXPECT_FALSE(gemm_shape("aten::add", {{16, 512}, {512, 2048}}));
  EXPECT_FALSE(gemm_shape("aten::mm", {{16, 512}}));
  EXPECT_FALSE(gemm_shape("aten::mm", {{16, 512}, {511, 2048}}));
  EXPECT_FALSE(gemm_shape("aten::mm", {{0, 512}, {512, 2048}}));
  EXPECT_FALSE(gemm_shape("aten::linear", {{}, {}}));
  EXPECT_FALSE(gemm_shape("aten::linear", {{INT64_MAX, INT64_MAX, 512}, {8, 512}}));
}

}  // namespace
}  // namespace hopsim::trace
