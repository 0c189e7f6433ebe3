// SPDX-License-Identifier: Apache-2.0
#include "sweep/grid.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "support/input_error.hpp"

namespace hopsim::sweep {
namespace {

// An experiment with axes of these lengths.
auto experiment(std::size_t gpus, std::size_t models, std::size_t stacks, std::vector<std::size_t> varied)
    -> spec::ExperimentSpec {
  spec::ExperimentSpec x;
  x.gpus.resize(gpus);
  x.hosts.resize(2);
  x.models.resize(models);
  x.stacks.resize(stacks);
  x.chains.resize(3);
  x.batches = {1, 2};
  for (const std::size_t size : varied) {
    x.vary.emplace_back().steps.resize(size);
  }
  return x;
}

TEST(Grid, Every_combination_has_one_row) {
  const Grid grid(experiment(3, 4, 5, {2, 3}));
  ASSERT_EQ(grid.rows(), 3U * 2 * 4 * 5 * 3 * 2 * 6);
  std::set<
      std::tuple<std::size_t, std::size_t, std::size_t, std::size_t, std::size_t, std::size_t, std::size_t>>
      seen;
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    const Coordinates at = grid.at(row);
    EXPECT_TRUE(at.gpu < 3 && at.host < 2 && at.model < 4 && at.stack < 5 && at.chain < 3 && at.batch < 2 &&
                at.variant < 6);
    seen.emplace(at.gpu, at.host, at.model, at.stack, at.chain, at.batch, at.variant);
  }
  EXPECT_EQ(seen.size(), grid.rows());
  EXPECT_EQ(grid.steps(5), (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(grid.steps(1), (std::vector<std::size_t>{0, 1}));
}

TEST(Grid, Blocks_cover_the_rows_in_order_and_share_model_batch_and_places) {
  const Grid grid(experiment(7, 3, 7, {11}));
  std::size_t next = 0;
  for (std::size_t i = 0; i < grid.blocks(); ++i) {
    const Block block = grid.block(i);
    ASSERT_EQ(block.first, next);
    ASSERT_GT(block.rows, 0U);
    EXPECT_EQ(block.rows % 7, 0U);
    const Coordinates a = grid.at(block.first);
    const Coordinates b = grid.at(block.first + block.rows - 1);
    EXPECT_EQ(a.model, b.model);
    EXPECT_EQ(a.batch, b.batch);
    next += block.rows;
  }
  EXPECT_EQ(next, grid.rows());
}

TEST(Grid, Refuses_more_points_than_it_can_number) {
  EXPECT_NE(test::input_error([] {
              Grid(experiment(1000, 1000, 1000, {1000, 1000}));
            }).find("too many points"),
            std::string::npos);
}

}  // namespace
}  // namespace hopsim::sweep
