// SPDX-License-Identifier: Apache-2.0
#include "sweep/draws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>

#include "base/errors.hpp"
#include "sweep/critical_search.hpp"
#include "sweep/point_worker.hpp"

namespace hopsim::sweep {

namespace {

constexpr std::size_t kMostMachines = 2048;  // over all draws; each takes about a megabyte

// All draws of a plan, shared by the workers.
class DrawnPlans {
 public:
  DrawnPlans(const Plan& plan, const DrawOptions& options) : plan_(plan), options_(options) {
    const std::size_t machines = static_cast<std::size_t>(options.draws) * plan.machines().size();
    if (machines > kMostMachines) {
      throw InputError(
          Location{},
          fmt::format("{} draws of {} machines are too many", options.draws, plan.machines().size()),
          fmt::format("draws x GPUs x hosts x varied fields up to {}", kMostMachines));
    }
    for (int i = 0; i < options.draws; ++i) {
      plans_.push_back(plan.drawn(draw(static_cast<std::size_t>(i))));
    }
  }

  [[nodiscard]] std::size_t size() const { return plans_.size(); }
  [[nodiscard]] const Plan& at(std::size_t i) const { return plans_[i]; }
  void set_stacks(std::size_t i, StackCopies& stacks) const {
    for (std::size_t s = 0; s < stacks.size(); ++s) {
      const spec::StackSpec& original = *plan_.stacks()[s];
      cost::set_linear_dispatch(original, cost::dispatch_factor(original, draw(i)), stacks[s]);
    }
  }

 private:
  [[nodiscard]] cost::Draw draw(std::size_t i) const { return {options_.seed, i}; }

  const Plan& plan_;
  DrawOptions options_;
  std::vector<Plan> plans_;
};

auto comparison_of(const PointRecord& record) -> metrics::Comparison {
  metrics::Comparison out;
  out.verdict = static_cast<metrics::Verdict>(record.verdict);
  out.cor = record.cor;
  out.energy_ratio = record.energy_ratio;
  return out;
}

// The stacks of one worker: those of the profiles, and a copy that follows the draw in work.
struct WorkerStacks {
  explicit WorkerStacks(const Plan& plan) : as_stated(copy_stacks(plan)), drawn(copy_stacks(plan)) {}

  StackCopies as_stated, drawn;
};

auto point_work(const Plan& plan, const DrawnPlans& draws, const replay::Engine& engine) -> MakeWork {
  return [&]() -> Work {
    const auto stacks = std::make_shared<WorkerStacks>(plan);
    return [stacks, &plan, &draws, &engine](std::size_t index) {
      const Block block = plan.grid().block(index);
      const std::vector<PointRecord> stated =
          PointWorker(plan, stacks->as_stated, engine, metrics::SiOptions{}).compute(block);
      std::vector<std::vector<metrics::Comparison>> drawn(block.rows);
      for (std::size_t d = 0; d < draws.size(); ++d) {
        draws.set_stacks(d, stacks->drawn);
        PointWorker worker(draws.at(d), stacks->drawn, engine, metrics::SiOptions{});
        const std::vector<PointRecord> records = worker.compute(block);
        for (std::size_t i = 0; i < records.size(); ++i) {
          drawn[i].push_back(comparison_of(records[i]));
        }
      }
      std::vector<metrics::PointBands> out;
      for (std::size_t i = 0; i < stated.size(); ++i) {
        out.push_back(bands_of(static_cast<metrics::Verdict>(stated[i].verdict), drawn[i]));
      }
      return std::string(reinterpret_cast<const char*>(out.data()), out.size() * sizeof out.front());
    };
  };
}

void take_points(const std::string& bytes, const Block& block, std::vector<metrics::PointBands>& out) {
  static_assert(std::is_trivially_copyable_v<metrics::PointBands>);
  HOPSIM_CHECK(bytes.size() == block.rows * sizeof(metrics::PointBands), "bands of a block are cut short");
  std::memcpy(out.data() + block.first, bytes.data(), bytes.size());
}

// As plain numbers: three shares, the number of crossings, then share, low and high of each.
auto to_bytes(const std::vector<metrics::CriticalBands>& rows) -> std::string {
  std::vector<double> out;
  for (const metrics::CriticalBands& row : rows) {
    out.insert(out.end(), {row.crosses, row.always, row.never, static_cast<double>(row.crossings.size())});
    for (const metrics::CrossingBand& one : row.crossings) {
      out.insert(out.end(), {one.share, one.at.low, one.at.high});
    }
  }
  return {reinterpret_cast<const char*>(out.data()), out.size() * sizeof(double)};
}

auto critical_bands_of(const std::string& bytes) -> std::vector<metrics::CriticalBands> {
  std::vector<double> in(bytes.size() / sizeof(double));
  std::memcpy(in.data(), bytes.data(), in.size() * sizeof(double));
  std::size_t at = 0;
  const auto next = [&] {
    HOPSIM_CHECK(at < in.size(), "bands of critical points are cut short");
    return in[at++];
  };
  std::vector<metrics::CriticalBands> out;
  while (at < in.size()) {
    metrics::CriticalBands& row = out.emplace_back();
    row.crosses = next();
    row.always = next();
    row.never = next();
    row.crossings.resize(static_cast<std::size_t>(next()));
    for (metrics::CrossingBand& one : row.crossings) {
      one.share = next();
      one.at.low = next();
      one.at.high = next();
    }
  }
  return out;
}

auto critical_work(const Plan& plan, const DrawnPlans& draws, const replay::Engine& engine) -> MakeWork {
  return [&]() -> Work {
    const auto stacks = std::make_shared<WorkerStacks>(plan);
    return [stacks, &plan, &draws, &engine](std::size_t unit) {
      const std::vector<CriticalRow> stated = CriticalSearch(plan).run_unit(unit, stacks->as_stated, engine);
      std::vector<std::vector<metrics::CriticalPoints>> drawn(stated.size());
      for (std::size_t d = 0; d < draws.size(); ++d) {
        draws.set_stacks(d, stacks->drawn);
        std::vector<CriticalRow> rows = CriticalSearch(draws.at(d)).run_unit(unit, stacks->drawn, engine);
        HOPSIM_CHECK(rows.size() == stated.size(), "a draw has the same critical points to seek");
        for (std::size_t i = 0; i < rows.size(); ++i) {
          drawn[i].push_back(std::move(rows[i].points));
        }
      }
      std::vector<metrics::CriticalBands> out;
      for (std::size_t i = 0; i < stated.size(); ++i) {
        out.push_back(bands_of(stated[i].points, drawn[i]));
      }
      return to_bytes(out);
    };
  };
}

auto numbers_to(std::size_t end) -> std::vector<std::size_t> {
  std::vector<std::size_t> out(end);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

}  // namespace

void skip_draw_bands(Pool& pool) {
  constexpr int kPhases = 2;  // points, critical points
  for (int phase = 0; phase < kPhases; ++phase) {
    pool.run(
        {}, [] { return Work(); }, [](std::size_t, const std::string&) {});
  }
}

Bands draw_bands(const Plan& plan, const replay::Engine& engine, Pool& pool, const DrawOptions& options,
                 const std::function<void(std::size_t, std::size_t)>& progress) {
  const DrawnPlans draws(plan, options);
  const std::size_t blocks = plan.grid().blocks();
  const std::size_t searches = CriticalSearch(plan).units();
  std::size_t done = 0;
  const auto advance = [&] { progress(++done, blocks + searches); };
  Bands out;
  out.drawn = options;
  out.points.resize(pool.takes() ? plan.grid().rows() : 0);
  pool.run(numbers_to(blocks), point_work(plan, draws, engine),
           [&](std::size_t block, const std::string& bytes) {
             take_points(bytes, plan.grid().block(block), out.points);
             advance();
           });
  std::vector<std::vector<metrics::CriticalBands>> found(searches);
  pool.run(numbers_to(searches), critical_work(plan, draws, engine),
           [&](std::size_t unit, const std::string& bytes) {
             found[unit] = critical_bands_of(bytes);
             advance();
           });
  for (std::vector<metrics::CriticalBands>& rows : found) {
    std::move(rows.begin(), rows.end(), std::back_inserter(out.critical));
  }
  return out;
}

}  // namespace hopsim::sweep
