// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <type_traits>

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

template <class T>
auto bytes_of(std::span<const T> values) -> std::string {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

// Units are the blocks of the grid, and after them the searches for critical points: one phase, so that no
// worker waits for the last block before it searches.
class UnitWorker {
 public:
  UnitWorker(const Plan& plan, const CriticalSearch& search, const replay::Engine& engine,
             const Options& options, KnownRatios& known)
      : plan_(plan),
        search_(search),
        known_(known),
        engine_(engine),
        stacks_(copy_stacks(plan)),
        worker_(plan, stacks_, engine, options.si, search.units() > 0 ? &known : nullptr) {
    if (options.draws != nullptr) {
      draws_.emplace(plan, *options.draws, engine);
    }
  }
  UnitWorker(const UnitWorker&) = delete;  // worker_ holds on to stacks_
  UnitWorker& operator=(const UnitWorker&) = delete;

  [[nodiscard]] std::string run(std::size_t unit) {
    const std::size_t blocks = plan_.grid().blocks();
    return unit < blocks ? points(plan_.grid().block(unit)) : critical(unit - blocks);
  }

 private:
  // Records, then their bands.
  [[nodiscard]] std::string points(const Block& block) {
    const std::vector<PointRecord> records = worker_.compute(block);
    std::string out = bytes_of(std::span(records));
    return draws_ ? out + bytes_of(std::span<const metrics::PointBands>(draws_->points(block, records)))
                  : out;
  }
  [[nodiscard]] std::string critical(std::size_t unit) {
    std::vector<CriticalRow> rows = search_.run_unit(unit, stacks_, engine_, &known_);
    if (draws_) {
      draws_->critical(unit, rows);
    }
    return to_bytes(rows);
  }

  const Plan& plan_;
  const CriticalSearch& search_;
  KnownRatios& known_;
  const replay::Engine& engine_;
  StackCopies stacks_;
  PointWorker worker_;
  std::optional<DrawWorker> draws_;
};

template <class T>
auto values_of(std::string_view bytes, std::size_t count) -> std::vector<T> {
  static_assert(std::is_trivially_copyable_v<T>);
  HOPSIM_CHECK(bytes.size() == count * sizeof(T), "a block has the wrong number of rows");
  std::vector<T> out(count);
  if (count > 0) {  // an empty vector has no place to copy to
    std::memcpy(out.data(), bytes.data(), bytes.size());
  }
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
  KnownRatios known(plan);
  Outcome out;
  std::size_t done = 0;
  std::size_t blocks_done = 0;
  const auto start = Clock::now();
  const auto take_block = [&](std::size_t block, const std::string& bytes) {
    const std::size_t rows = plan.grid().block(block).rows;
    const std::size_t split = std::min(bytes.size(), rows * sizeof(PointRecord));
    const auto records = values_of<PointRecord>(std::string_view(bytes).substr(0, split), rows);
    const auto bands = values_of<metrics::PointBands>(std::string_view(bytes).substr(split),
                                                      options.draws != nullptr ? rows : 0);
    options.store(block, records, bands);
    out.points += static_cast<std::int64_t>(records.size());
    out.kernels += kernels_of(records);
    out.points_wall_s = ++blocks_done == blocks ? seconds_since(start) : 0;
  };
  const MakeWork make_work = [&]() -> Work {
    const auto worker = std::make_shared<UnitWorker>(plan, search, engine, options, known);
    return [worker](std::size_t unit) { return worker->run(unit); };
  };
  pool.run(units, make_work, [&](std::size_t unit, const std::string& bytes) {
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
