// SPDX-License-Identifier: Apache-2.0
#include "sweep/draws.hpp"

#include <fmt/format.h>

#include "base/errors.hpp"
#include "sweep/point_worker.hpp"

namespace hopsim::sweep {

namespace {

constexpr std::size_t kMostMachines = 2048;  // over all draws; each takes about a megabyte

auto comparison_of(const PointRecord& record) -> metrics::Comparison {
  metrics::Comparison out;
  out.verdict = static_cast<metrics::Verdict>(record.verdict);
  out.cor = record.cor;
  out.energy_ratio = record.energy_ratio;
  return out;
}

}  // namespace

DrawnPlans::DrawnPlans(const Plan& plan, const DrawOptions& options) : plan_(plan), options_(options) {
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

void DrawnPlans::set_stacks(std::size_t i, StackCopies& stacks) const {
  for (std::size_t s = 0; s < stacks.size(); ++s) {
    const spec::StackSpec& original = *plan_.stacks()[s];
    cost::set_linear_dispatch(original, cost::dispatch_factor(original, draw(i)), stacks[s]);
  }
}

std::vector<metrics::PointBands> DrawWorker::points(const Block& block, std::span<const PointRecord> stated) {
  std::vector<std::vector<metrics::Comparison>> drawn(block.rows);
  for (std::size_t d = 0; d < draws_.size(); ++d) {
    draws_.set_stacks(d, stacks_);
    const std::vector<PointRecord> records =
        PointWorker(draws_.at(d), stacks_, engine_, metrics::SiOptions{}).compute(block);
    for (std::size_t i = 0; i < records.size(); ++i) {
      drawn[i].push_back(comparison_of(records[i]));
    }
  }
  std::vector<metrics::PointBands> out;
  for (std::size_t i = 0; i < stated.size(); ++i) {
    out.push_back(bands_of(static_cast<metrics::Verdict>(stated[i].verdict), drawn[i]));
  }
  return out;
}

void DrawWorker::critical(std::size_t unit, std::vector<CriticalRow>& stated) {
  std::vector<std::vector<metrics::CriticalPoints>> drawn(stated.size());
  for (std::size_t d = 0; d < draws_.size(); ++d) {
    draws_.set_stacks(d, stacks_);
    std::vector<CriticalRow> rows = CriticalSearch(draws_.at(d)).run_unit(unit, stacks_, engine_);
    HOPSIM_CHECK(rows.size() == stated.size(), "a draw has the same critical points to seek");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      drawn[i].push_back(std::move(rows[i].points));
    }
  }
  for (std::size_t i = 0; i < stated.size(); ++i) {
    stated[i].bands = bands_of(stated[i].points, drawn[i]);
  }
}

}  // namespace hopsim::sweep
