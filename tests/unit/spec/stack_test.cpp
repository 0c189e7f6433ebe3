// SPDX-License-Identifier: Apache-2.0
#include "spec/stack.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::spec {
namespace {

// A stack that extends the shipped vllm/bf16 and changes something.
auto error_of(const std::string& changes) -> std::string {
  const test::TempDir dir;
  const std::string base =
      std::filesystem::relative(std::string(HOPSIM_SOURCE_DIR) + "/experiments/stacks/vllm/bf16.yaml",
                                dir.path())
          .string();
  const std::string file =
      dir.write("s.yaml", "hopsim: stack/1\nextends: " + base + "\nname: x/y\n" + changes);
  return test::input_error([&] { static_cast<void>(load_stack(file)); });
}

TEST(Stack, Takes_changes_to_one_list_of_kernels) {
  EXPECT_EQ(error_of("linears: {block: [{kernels: [{name: g, class: gemm, family: f, bytes: \"n*k\", "
                     "dispatch_us: 1}]}]}\n"),
            "");
}

TEST(Stack, Refuses_unknown_names_in_expressions_with_what_is_known) {
  const std::string e = error_of(
      "linears: {block: [{kernels: [{name: g, class: gemm, family: f, bytes: \"hiden*k\", dispatch_us: "
      "1}]}]}\n");
  EXPECT_NE(e.find("did you mean 'hidden'?"), std::string::npos) << e;
  EXPECT_NE(e.find("s.yaml:4:"), std::string::npos) << e;
}

TEST(Stack, Refuses_an_unknown_class_and_a_negative_dispatch_cost) {
  const std::string e = error_of(
      "linears: {block: [{kernels: [{name: g, class: gem, family: f, bytes: \"1\", dispatch_us: -1}]}]}\n");
  EXPECT_NE(e.find("did you mean 'gemm'?"), std::string::npos) << e;
  EXPECT_NE(e.find("out of range: -1"), std::string::npos) << e;
}

TEST(Stack, The_last_case_holds_always_and_only_the_last) {
  const std::string kernel = "kernels: [{name: g, class: gemm, family: f, bytes: \"1\", dispatch_us: 1}]";
  EXPECT_NE(error_of("linears: {block: [{when: \"m == 1\", " + kernel + "}]}\n")
                .find("the last case must hold always"),
            std::string::npos);
  EXPECT_NE(error_of("linears: {block: [{" + kernel + "}, {" + kernel + "}]}\n")
                .find("only the last case may lack"),
            std::string::npos);
}

TEST(Stack, An_operator_names_an_entry_of_linears) {
  EXPECT_NE(
      error_of("epilogue: [{op: lm_head, linear: haed, n: vocab, k: hidden}]\n").find("did you mean 'head'?"),
      std::string::npos);
}

}  // namespace
}  // namespace hopsim::spec
