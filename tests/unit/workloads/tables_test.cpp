// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "microbench/csv_file.hpp"
#include "microbench/statistics.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::microbench {
namespace {

TEST(Summary, is_the_median_and_the_relative_quartile_range) {
  const Summary summary = summarize({4, 1, 3, 2, 5});
  EXPECT_DOUBLE_EQ(summary.median, 3);
  EXPECT_DOUBLE_EQ(summary.spread, 2.0 / 3);
  EXPECT_EQ(summary.repeats, 5);
}

TEST(Csv, is_complete_after_each_row_and_quotes_where_it_must) {
  const test::TempDir folder;
  const std::string path = folder / "t.csv";
  CsvFile file(path, "a,b");
  file.row({cell(std::string("x,\"y\"")), cell(0.25)});
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), "a,b\n\"x,\"\"y\"\"\",0.25\n");
  EXPECT_THROW(file.row({"one"}), std::logic_error);
  EXPECT_THROW(CsvFile(folder / "no/t.csv", "a"), std::runtime_error);
}

TEST(Csv, leaves_unknown_numbers_empty) {
  EXPECT_EQ(cell(std::optional<double>()), "");
  EXPECT_EQ(cell(1.0 / 0.0), "");
  EXPECT_EQ(cell(std::int64_t{1} << 40), "1099511627776");
}

}  // namespace
}  // namespace hopsim::microbench
