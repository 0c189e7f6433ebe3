// SPDX-License-Identifier: Apache-2.0
#include "sweep/point_worker.hpp"

namespace hopsim::sweep {

PointWorker::PointWorker(const Plan& plan, const StackCopies& stacks, const replay::Engine& engine,
                         const metrics::SiOptions& si, KnownRatios* known)
    : plan_(plan), stacks_(stacks), engine_(engine), si_(si), known_(known) {}

std::vector<PointRecord> PointWorker::compute(const Block& block) {
  std::vector<PointRecord> out;
  out.reserve(block.rows);
  while (out.size() < block.rows) {
    compute_place(block.first + out.size(), out);
  }
  return out;
}

// All stacks at one place of the grid.
void PointWorker::compute_place(std::size_t first_row, std::vector<PointRecord>& out) {
  const Coordinates at = plan_.grid().at(first_row);
  const spec::ModelSpec& model = *plan_.models()[at.model];
  if (!bench_ || unit_ != std::pair{at.model, at.batch}) {
    unit_ = {at.model, at.batch};
    bench_.emplace(plan_, stacks_, engine_, model, plan_.experiment().batches[at.batch]);
    anchors_.clear();
  }
  const std::size_t machine = plan_.machine(at.gpu, at.host, at.variant);
  const std::size_t chain = plan_.chain(at.chain, at.variant);
  for (std::size_t s = 0; s < plan_.experiment().stacks.size(); ++s) {
    const std::size_t stack = plan_.stack(s, at.variant);
    const metrics::PointResult& base = anchor(machine, plan_.anchor(s), chain);
    const bool is_anchor = stack == plan_.anchor(s);
    metrics::PointResult q =
        plan_.is_anchor(stack) ? anchor(machine, stack, chain) : bench_->evaluate(machine, stack, chain);
    if (known_ != nullptr && !is_anchor) {
      known_->add({at.model, machine, stack, chain, plan_.experiment().batches[at.batch]},
                  pair_ratios(q, base));
    }
    out.push_back(record_of(metrics::judge(std::move(q), base, is_anchor, si_), model.params()));
  }
}

const metrics::PointResult& PointWorker::anchor(std::size_t machine, std::size_t stack, std::size_t chain) {
  if (anchors_of_ != std::pair{machine, chain}) {
    anchors_of_ = {machine, chain};
    anchors_.clear();
  }
  const auto found = anchors_.find(stack);
  return found != anchors_.end()
             ? found->second
             : anchors_.emplace(stack, bench_->evaluate(machine, stack, chain)).first->second;
}

}  // namespace hopsim::sweep
