// SPDX-License-Identifier: Apache-2.0
#include "collect/options.hpp"

#include <gtest/gtest.h>

namespace hopsim::collect {
namespace {

TEST(Options, Everything_before_the_program_is_ours_and_nothing_behind_it) {
  const Options o = parse_options({"-o", "t.h5", "--energy", "--range=decode", "--window-s", "7.5", "--",
                                   "python3", "app.py", "--energy", "-o", "x"});
  EXPECT_EQ(o.error, "");
  EXPECT_EQ(o.output, "t.h5");
  EXPECT_TRUE(o.energy);
  EXPECT_FALSE(o.graph_trace);
  EXPECT_EQ(o.range, "decode");
  EXPECT_EQ(o.window_s, 7.5);
  EXPECT_EQ(o.windows, 3);
  EXPECT_EQ(o.program, (std::vector<std::string>{"python3", "app.py", "--energy", "-o", "x"}));
  EXPECT_EQ(parse_options({"--graph-trace", "app", "-x"}).program, (std::vector<std::string>{"app", "-x"}));
}

TEST(Options, The_trace_has_a_name_of_its_own_unless_spools_are_all_that_is_wanted) {
  EXPECT_EQ(parse_options({"app"}).output, "trace.h5");
  EXPECT_EQ(parse_options({"--spool", "d", "app"}).output, "");
  EXPECT_EQ(parse_options({"--spool", "d", "-o", "t.h5", "app"}).output, "t.h5");
}

TEST(Options, Mistakes_are_named) {
  const auto error = [](const std::vector<std::string>& arguments) { return parse_options(arguments).error; };
  EXPECT_NE(error({}).find("no program"), std::string::npos);
  EXPECT_NE(error({"-o", "t.h5", "--"}).find("no program"), std::string::npos);
  EXPECT_NE(error({"--bogus", "app"}).find("unknown option --bogus"), std::string::npos);
  EXPECT_NE(error({"-o"}).find("-o needs a value"), std::string::npos);
  EXPECT_NE(error({"--window-s", "nan", "app"}).find("--window-s nan"), std::string::npos);
  EXPECT_NE(error({"--window-s", "-1", "app"}).find("0.01"), std::string::npos);
  EXPECT_NE(error({"--windows", "2", "app"}).find("from 3"), std::string::npos);
  EXPECT_NE(error({"--windows", "3x", "app"}).find("whole number"), std::string::npos);
  EXPECT_NE(error({"--spool", "d", "--range", "x", "app"}).find("--range needs"), std::string::npos);
  EXPECT_EQ(parse_options({"--help"}).error, "");
  EXPECT_TRUE(parse_options({"-h"}).help);
}

}  // namespace
}  // namespace hopsim::collect
