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

TEST(Mean, has_a_confidence_interval_from_two_values_on) {
  EXPECT_FALSE(mean_with_ci95({7}).ci95.has_value());
  const Mean mean = mean_with_ci95({1, 3});
  EXPECT_DOUBLE_EQ(mean.mean, 2);
  EXPECT_NEAR(mean.ci95.value(), 12.706, 1e-9);  // deviation sqrt(2), over sqrt(2)
}

TEST(Power, is_taken_between_whole_steps_of_the_counter) {
  // 100 W; the counter steps every 0.1 s from 0.05 s on.
  std::vector<EnergyEdge> edges;
  for (int i = 0; i < 60; ++i) edges.push_back({0.05 + 0.1 * i, 10.0 * i});
  const auto power = power_between_edges(edges, 1, 5);
  ASSERT_TRUE(power.has_value());
  EXPECT_NEAR(power->power_w, 100, 1e-9);
  EXPECT_NEAR(power->window_s, 3.9, 1e-9);
  EXPECT_NEAR(counter_step_s(edges).value(), 0.1, 1e-9);
}

TEST(Power, is_unknown_without_two_edges) {
  EXPECT_FALSE(power_between_edges({}, 0, 1).has_value());
  EXPECT_FALSE(power_between_edges({{0.5, 1}}, 0, 1).has_value());
  EXPECT_FALSE(power_between_edges({{0.5, 1}, {2, 3}}, 0, 1).has_value());
  EXPECT_FALSE(counter_step_s({{0.5, 1}}).has_value());
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
