// SPDX-License-Identifier: Apache-2.0
#include "sweep/pool.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <stdexcept>

#include "base/errors.hpp"
#include "support/input_error.hpp"

namespace hopsim::sweep {
namespace {

auto pools() -> std::vector<std::unique_ptr<Pool>> {
  std::vector<std::unique_ptr<Pool>> out;
  for (const int workers : {1, 3}) {
    out.push_back(std::make_unique<ThreadPool>(workers));
    out.push_back(std::make_unique<ProcessPool>(workers));
  }
  return out;
}

auto numbers(std::size_t count) -> std::vector<std::size_t> {
  std::vector<std::size_t> out(count);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

// Work that says its unit, and fails as `fail` wants at 7.
auto echo(const std::function<void()>& fail) -> MakeWork {
  return [fail]() -> Work {
    return [fail](std::size_t unit) {
      if (unit == 7 && fail) {
        fail();
      }
      return std::string(unit, 'x');
    };
  };
}

TEST(Pool, Runs_every_unit_once_and_brings_its_bytes_back) {
  for (const auto& pool : pools()) {
    std::vector<int> seen(100, 0);
    pool->run(numbers(100), echo(nullptr), [&](std::size_t unit, const std::string& bytes) {
      EXPECT_EQ(bytes.size(), unit);
      ++seen[unit];
    });
    EXPECT_EQ(seen, std::vector<int>(100, 1));
  }
}

TEST(Pool, Nothing_to_do_is_done) {
  for (const auto& pool : pools()) {
    pool->run({}, echo(nullptr), [](std::size_t, const std::string&) { FAIL(); });
  }
}

TEST(Pool, Passes_on_a_failure_of_the_work_as_what_it_was) {
  const auto run = [](Pool& pool, const std::function<void()>& fail) {
    pool.run(numbers(100), echo(fail), [](std::size_t, const std::string&) {});
  };
  for (const auto& pool : pools()) {
    EXPECT_NE(test::input_error([&] {
                run(*pool, [] { throw InputError(Location{"f"}, "seven"); });
              }).find("f: seven"),
              std::string::npos);
    EXPECT_ANY_THROW(run(*pool, [] { throw std::runtime_error("seven"); }));
  }
}

TEST(Pool, Passes_on_a_failure_to_take) {
  for (const auto& pool : pools()) {
    EXPECT_THROW(pool->run(numbers(100), echo(nullptr),
                           [](std::size_t, const std::string&) { throw std::runtime_error("full"); }),
                 std::runtime_error);
  }
}

TEST(Pool, A_child_process_that_dies_is_an_error) {
  ProcessPool pool(2);
  EXPECT_THROW(pool.run(numbers(100), echo([] { _exit(9); }), [](std::size_t, const std::string&) {}),
               InternalError);
}

}  // namespace
}  // namespace hopsim::sweep
