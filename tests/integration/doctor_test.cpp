// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "integration/command.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

auto doctor(const std::map<std::string, std::string>& variables,
            const std::vector<std::string>& more = {"--json"}) -> test::Outcome {
  std::vector<std::string> command = {HOPSIM_COMMAND, "doctor"};
  command.insert(command.end(), more.begin(), more.end());
  return test::run_program(command, variables);
}

auto check_of(const io::Json& document, const std::string& name) -> io::Json {
  for (const io::Json& check : document["checks"]) {
    if (check["name"] == name) {
      return check;
    }
  }
  return {};
}

TEST(Doctor, Finds_data_and_engines_and_says_what_each_part_is_for) {
  const test::Outcome outcome = doctor({});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const io::Json r = io::Json::parse(outcome.out);
  EXPECT_EQ(r["works"], true);
  EXPECT_EQ(check_of(r, "data")["state"], "ok");
  EXPECT_EQ(check_of(r, "engines")["state"], "ok");
  for (const char* name :
       {"gnuplot", "MPI", "mpirun", "../shared", "GPU and NVML", "CUPTI", "hopsim-collect"}) {
    const io::Json check = check_of(r, name);
    ASSERT_FALSE(check.is_null()) << name;
    EXPECT_NE(check["needed_for"], "") << name;
    EXPECT_NE(check["detail"], "") << name;
    EXPECT_EQ(check["remedy"] == "", check["state"] == "ok") << name;
  }
}

TEST(Doctor, Without_data_simulations_do_not_work_and_it_says_why) {
  const test::TempDir empty;
  const test::Outcome outcome = doctor({{"HOPSIM_DATA", empty.path()}});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  const io::Json r = io::Json::parse(outcome.out);
  EXPECT_EQ(r["works"], false);
  EXPECT_EQ(check_of(r, "data")["state"], "broken");
  EXPECT_NE(check_of(r, "data")["remedy"].get<std::string>().find("HOPSIM_DATA"), std::string::npos);
}

TEST(Doctor, What_is_missing_names_its_package_and_is_no_failure) {
  const test::TempDir empty;
  const test::Outcome outcome = doctor({{"PATH", empty.path()}}, {});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("apt install gnuplot-nox"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("Simulations work."), std::string::npos);
}

}  // namespace
}  // namespace hopsim
