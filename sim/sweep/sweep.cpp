// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <numeric>

#include "base/errors.hpp"
#include "sweep/point_worker.hpp"

namespace hopsim::sweep {

namespace {

using Clock = std::chrono::steady_clock;

auto seconds_since(Clock::time_point start) -> double {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

auto kernels_of(std::span<const PointRecord> records) -> std::int64_t {
  return std::accumulate(records.begin(), records.end(), std::int64_t{0},
                         [](std::int64_t sum, const PointRecord& r) { return sum + r.kernels; });
}

// Units are the blocks of the grid, and after them the searches for critical points: one phase, so that no
// worker waits for the last block before it searches.
auto make_work_of(const Plan& plan, const CriticalSearch& search, const replay::Engine& engine,
                  const metrics::SiOptions& si) -> MakeWork {
  return [&plan, &search, &engine, si]() -> Work {
    const auto stacks = std::make_shared<StackCopies>(copy_stacks(plan));
    const auto worker = std::make_shared<PointWorker>(plan, *stacks, engine, si);
    return [stacks, worker, &plan, &search, &engine](std::size_t unit) {
      if (unit >= plan.grid().blocks()) {
        return to_bytes(search.run_unit(unit - plan.grid().blocks(), *stacks, engine));
      }
      const std::vector<PointRecord> records = worker->compute(plan.grid().block(unit));
      return std::string(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(PointRecord));
    };
  };
}

auto records_of(const std::string& bytes) -> std::vector<PointRecord> {
  HOPSIM_CHECK(bytes.size() % sizeof(PointRecord) == 0, "records are cut short");
  std::vector<PointRecord> out(bytes.size() / sizeof(PointRecord));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

auto missing_blocks(const Plan& plan, const Options& options) -> std::vector<std::size_t> {
  std::vector<std::size_t> out;
  for (std::size_t block = 0; block < plan.grid().blocks(); ++block) {
    if (!options.known || !options.known(block)) {
      out.push_back(block);
    }
  }
  return out;
}

}  // namespace

Outcome run(const Plan& plan, const replay::Engine& engine, Pool& pool, const Options& options) {
  const CriticalSearch search(plan);
  std::vector<std::size_t> units = pool.takes() ? missing_blocks(plan, options) : std::vector<std::size_t>();
  const std::size_t blocks = units.size();
  std::vector<std::vector<CriticalRow>> found(options.critical ? search.units() : 0);
  for (std::size_t i = 0; i < found.size(); ++i) {
    units.push_back(plan.grid().blocks() + i);
  }
  Outcome out;
  std::size_t done = 0;
  std::size_t blocks_done = 0;
  const auto start = Clock::now();
  const auto take_block = [&](std::size_t block, const std::string& bytes) {
    const std::vector<PointRecord> records = records_of(bytes);
    HOPSIM_CHECK(records.size() == plan.grid().block(block).rows, "a block has the wrong number of rows");
    options.store(block, records);
    out.points += static_cast<std::int64_t>(records.size());
    out.kernels += kernels_of(records);
    out.points_wall_s = ++blocks_done == blocks ? seconds_since(start) : 0;
  };
  pool.run(units, make_work_of(plan, search, engine, options.si),
           [&](std::size_t unit, const std::string& bytes) {
             if (unit < plan.grid().blocks()) {
               take_block(unit, bytes);
             } else {
               found[unit - plan.grid().blocks()] = rows_of(bytes);
             }
             ++done;
             if (options.progress) {
               options.progress(done, units.size());
             }
           });
  out.critical_wall_s = seconds_since(start) - out.points_wall_s;
  for (const std::vector<CriticalRow>& rows : found) {
    out.critical.insert(out.critical.end(), rows.begin(), rows.end());
  }
  return out;
}

Estimate estimate(const Plan& plan, const replay::Engine& engine, int workers) {
  constexpr std::size_t kSamples = 12;
  const StackCopies stacks = copy_stacks(plan);
  PointWorker worker(plan, stacks, engine, metrics::SiOptions{});
  const std::size_t blocks = plan.grid().blocks();
  const std::size_t samples = std::min(blocks, kSamples);
  Estimate out;
  double points = 0;
  const auto start = Clock::now();
  for (std::size_t i = 0; i < samples; ++i) {
    const std::vector<PointRecord> records =
        worker.compute(plan.grid().block((2 * i + 1) * blocks / (2 * samples)));
    points += static_cast<double>(records.size());
    out.kernels += static_cast<double>(kernels_of(records));
  }
  const double scale = static_cast<double>(plan.grid().rows()) / points;
  out.kernels *= scale;
  out.seconds = seconds_since(start) * scale;
  const CriticalSearch search(plan);
  if (search.units() > 0) {  // a search along N and one along the batch
    const auto search_start = Clock::now();
    static_cast<void>(search.run_unit(0, stacks, engine));
    static_cast<void>(search.run_unit(search.units() - 1, stacks, engine));
    out.seconds += seconds_since(search_start) * static_cast<double>(search.units()) / 2;
  }
  out.seconds /= workers;
  return out;
}

}  // namespace hopsim::sweep
