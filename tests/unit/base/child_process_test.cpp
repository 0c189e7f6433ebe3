// SPDX-License-Identifier: Apache-2.0
#include "base/child_process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "base/errors.hpp"

namespace hopsim {
namespace {

TEST(Run_in_child, Brings_back_bytes_of_any_length) {
  const std::string big(1'000'000, 'x');
  EXPECT_EQ(run_in_child([&] { return big + std::string(1, '\0') + "end"; }),
            big + std::string(1, '\0') + "end");
}

TEST(Run_in_child, Turns_a_childs_exception_into_an_internal_error_with_its_message) {
  try {
    static_cast<void>(run_in_child([]() -> std::string { throw std::runtime_error("no platform"); }));
    FAIL();
  } catch (const InternalError& e) {
    EXPECT_NE(std::string(e.what()).find("no platform"), std::string::npos);
  }
}

TEST(Run_in_child, Notices_that_a_child_died) {
  EXPECT_THROW(static_cast<void>(run_in_child([]() -> std::string {
                 raise(SIGKILL);
                 return "";
               })),
               InternalError);
}

}  // namespace
}  // namespace hopsim
