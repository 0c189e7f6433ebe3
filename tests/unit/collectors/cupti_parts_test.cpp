// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "cupti/buffer_pool.hpp"
#include "cupti/host_facts.hpp"
#include "cupti/settings.hpp"

namespace hopsim::collect {
namespace {

TEST(BufferPool, A_buffer_that_came_back_is_given_out_again) {
  BufferPool pool(4096, 2);
  std::uint8_t* first = pool.take();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 8, 0U);
  pool.give_back(first);
  EXPECT_EQ(pool.take(), first);
  pool.give_back(first);
  EXPECT_EQ(pool.beyond_limit(), 0U);
}

TEST(BufferPool, Beyond_its_limit_it_still_gives_and_says_so) {
  BufferPool pool(64, 2);
  std::set<std::uint8_t*> out;
  for (int i = 0; i < 5; ++i) {
    out.insert(pool.take());
  }
  EXPECT_EQ(out.size(), 5U);
  EXPECT_EQ(out.count(nullptr), 0U);
  EXPECT_EQ(pool.beyond_limit(), 3U);
  for (std::uint8_t* buffer : out) {
    pool.give_back(buffer);
  }
  EXPECT_EQ(pool.beyond_limit(), 3U);
}

/// Variables that are gone when the test ends.
class SettingsOf : public testing::Test {
 protected:
  void set(const char* name, const char* value) { setenv(name, value, 1); }
  void TearDown() override {
    for (const char* name :
         {"HOPSIM_SPOOL_DIR", "HOPSIM_GRAPH_TRACE", "HOPSIM_MAX_RECORDS", "HOPSIM_FLUSH_MS"}) {
      unsetenv(name);
    }
  }
};

TEST_F(SettingsOf, No_folder_means_no_recording) { EXPECT_FALSE(settings_from_environment().has_value()); }

TEST_F(SettingsOf, A_folder_is_enough) {
  set("HOPSIM_SPOOL_DIR", "/tmp/x");
  const auto settings = settings_from_environment();
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->spool_dir, "/tmp/x");
  EXPECT_FALSE(settings->graph_trace);
  EXPECT_EQ(settings->max_records, 20'000'000U);
  EXPECT_EQ(settings->flush_period.count(), 250);
  EXPECT_EQ(settings->error, "");
}

TEST_F(SettingsOf, All_can_be_set) {
  set("HOPSIM_SPOOL_DIR", "/tmp/x");
  set("HOPSIM_GRAPH_TRACE", "1");
  set("HOPSIM_MAX_RECORDS", "5000");
  set("HOPSIM_FLUSH_MS", "20");
  const auto settings = settings_from_environment();
  ASSERT_TRUE(settings.has_value());
  EXPECT_TRUE(settings->graph_trace);
  EXPECT_EQ(settings->max_records, 5000U);
  EXPECT_EQ(settings->flush_period.count(), 20);
}

TEST_F(SettingsOf, Nonsense_is_named) {
  set("HOPSIM_SPOOL_DIR", "/tmp/x");
  for (const char* value : {"0", "-1", "ten", "10x", "99999999999999999999999"}) {
    set("HOPSIM_MAX_RECORDS", value);
    EXPECT_NE(settings_from_environment()->error.find(value), std::string::npos) << value;
  }
  set("HOPSIM_MAX_RECORDS", "1");
  set("HOPSIM_GRAPH_TRACE", "yes");
  EXPECT_NE(settings_from_environment()->error.find("yes"), std::string::npos);
}

TEST(HostFacts, The_version_of_the_driver_is_found_in_what_it_prints) {
  EXPECT_EQ(
      version_in("NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.133.20  Sun Mar 30 03:08:26 UTC 2025"),
      "570.133.20");
  EXPECT_EQ(
      version_in("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (b) "),
      "580.95.05");
  EXPECT_EQ(version_in("580.95.05"), "580.95.05");
  EXPECT_EQ(version_in("nothing here"), "");
}

TEST(HostFacts, The_command_line_is_one_line) {
  const std::string command = command_line();
  EXPECT_NE(command.find("cupti_test"), std::string::npos) << command;
  EXPECT_EQ(command.find('\0'), std::string::npos);
}

}  // namespace
}  // namespace hopsim::collect
