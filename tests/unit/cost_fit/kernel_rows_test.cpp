// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/kernel_rows.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"

namespace hopsim::cost::fit {
namespace {

const std::string kLinear = "framework,version,kernel,dtype,m,n,k,latency_us\n";

auto table(const std::string& text) -> KernelTable { return kernel_table_from(io::parse_csv(text, "k.csv")); }
auto error_of(const std::string& text) -> std::string {
  return test::input_error([&] { static_cast<void>(table(text)); });
}

TEST(Kernel_table, Is_recognised_by_its_header_in_any_order_and_with_further_columns) {
  const KernelTable t =
      table("latency_us,k,n,m,dtype,kernel,version,framework,note\n2.5,64,32,4,bf16,x,1,vllm,\"a,b\"\n");
  EXPECT_EQ(t.op, spec::KernelOperator::kLinear);
  ASSERT_EQ(t.rows.size(), 1U);
  EXPECT_EQ(t.rows[0].m, 4);
  EXPECT_EQ(t.rows[0].k, 64);
  EXPECT_DOUBLE_EQ(*t.rows[0].seconds, 2.5e-6);
  EXPECT_EQ(t.csv.rows[0][8], "a,b");
  const KernelTable a = table(
      "framework,version,kernel,kv_dtype,batch,kv_len,q_heads,kv_heads,head_dim,latency_us\nv,1,x,fp8,2,64,8,"
      "2,128,\n");
  EXPECT_EQ(a.op, spec::KernelOperator::kDecodeAttention);
  EXPECT_FALSE(a.rows[0].seconds);
}

TEST(Kernel_table, Refuses_a_header_that_is_neither) {
  EXPECT_NE(error_of("m,n,k\n1,2,3\n").find("k.csv:1:1: no kernel table: its header is m,n,k"),
            std::string::npos);
  EXPECT_NE(error_of("").find("empty"), std::string::npos);
}

TEST(Kernel_table, Refuses_bad_cells_at_their_line) {
  EXPECT_NE(error_of(kLinear + "v,1,x,bf16,1,2,3,-1\n").find("k.csv:2:1: latency_us is '-1'"),
            std::string::npos);
  EXPECT_NE(error_of(kLinear + "v,1,x,bf16,1,2,3,1\nv,1,x,bf16,0.5,2,3,1\n").find("k.csv:3:1: m is '0.5'"),
            std::string::npos);
  EXPECT_NE(error_of(kLinear + "v,1,x,bf16,nan,2,3,1\n").find("m is 'nan'"), std::string::npos);
  EXPECT_NE(error_of(kLinear + "v,1,x,bf16,1,2,3\n").find("k.csv:2:1: 7 cells"), std::string::npos);
  EXPECT_NE(error_of(kLinear + "\"v,1\n").find("quote is not closed"), std::string::npos);
}

}  // namespace
}  // namespace hopsim::cost::fit
