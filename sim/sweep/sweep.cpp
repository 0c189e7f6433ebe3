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

auto point_work(const Plan& plan, const replay::Engine& engine, const metrics::SiOptions& si) -> MakeWork {
  return [&plan, &engine, si]() -> Work {
    const auto stacks = std::make_shared<StackCopies>(copy_stacks(plan));
    const auto worker = std::make_shared<PointWorker>(plan, *stacks, engine, si);
    return [stacks, worker, &plan](std::size_t block) {
      const std::vector<PointRecord> records = worker->compute(plan.grid().block(block));
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

auto critical_work(const CriticalSearch& search, const Plan& plan, const replay::Engine& engine) -> MakeWork {
  return [&search, &plan, &engine]() -> Work {
    const auto stacks = std::make_shared<StackCopies>(copy_stacks(plan));
    return [stacks, &search, &engine](std::size_t unit) {
      return to_bytes(search.run_unit(unit, *stacks, engine));
    };
  };
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
  const std::vector<std::size_t> blocks =
      pool.takes() ? missing_blocks(plan, options) : std::vector<std::size_t>();
  std::vector<std::size_t> searches(options.critical ? search.units() : 0);
  std::iota(searches.begin(), searches.end(), std::size_t{0});
  const std::size_t all = blocks.size() + searches.size();
  std::size_t done = 0;
  const auto advance = [&] {
    ++done;
    if (options.progress) {
      options.progress(done, all);
    }
  };
  Outcome out;
  const auto start = Clock::now();
  pool.run(blocks, point_work(plan, engine, options.si), [&](std::size_t block, const std::string& bytes) {
    const std::vector<PointRecord> records = records_of(bytes);
    HOPSIM_CHECK(records.size() == plan.grid().block(block).rows, "a block has the wrong number of rows");
    options.store(block, records);
    out.points += static_cast<std::int64_t>(records.size());
    out.kernels += kernels_of(records);
    advance();
  });
  out.points_wall_s = seconds_since(start);
  std::vector<std::vector<CriticalRow>> found(searches.size());
  pool.run(searches, critical_work(search, plan, engine), [&](std::size_t unit, const std::string& bytes) {
    found[unit] = rows_of(bytes);
    advance();
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
