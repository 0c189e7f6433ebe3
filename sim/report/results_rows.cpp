// SPDX-License-Identifier: Apache-2.0
// Rows of the results file from what a sweep gives: indices become names.
#include "report/results_schema.hpp"
#include "report/results_store.hpp"

namespace hopsim::report {

std::vector<double> ResultsStore::varied(std::size_t variant) const {
  const std::vector<std::size_t> steps = plan_.grid().steps(variant);
  std::vector<double> out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    out.push_back(plan_.experiment().vary[i].steps[steps[i]].value);
  }
  return out;
}

PointRow ResultsStore::point_row(std::size_t row, const sweep::PointRecord& r) const {
  const spec::ExperimentSpec& x = plan_.experiment();
  const sweep::Coordinates at = plan_.grid().at(row);
  PointRow out;
  out.gpu = x.gpus[at.gpu];
  out.host = plan_.machines()[plan_.machine(at.gpu, at.host, at.variant)].host->name;
  out.model = x.models[at.model];
  out.stack = x.stacks[at.stack];
  out.versus = plan_.stacks()[plan_.anchor(at.stack)]->name;
  out.chain = x.chains[at.chain];
  out.verdict = to_text(static_cast<metrics::Verdict>(r.verdict));
  out.batch = x.batches[at.batch];
  out.supported = r.supported;
  out.feasible = r.feasible;
  out.gpus = r.gpus;
  out.gpus_used = r.gpus_used;
  out.anchor_fits = r.anchor_fits;
  out.accuracy_trap = r.accuracy_trap;
  out.kernels = r.kernels;
  out.params = r.params;
  out.latency_s = r.latency_s;
  out.tokens_per_s = r.tokens_per_s;
  out.energy_j = r.energy_j;
  out.j_per_token = r.j_per_token;
  out.j_per_correct = r.j_per_correct;
  out.power_w = r.power_w;
  out.host_bound_fraction = r.host_bound_fraction;
  out.accuracy = r.accuracy;
  out.cor = r.cor;
  out.cor_kernel = r.cor_kernel;
  out.energy_ratio = r.energy_ratio;
  out.j_per_correct_ratio = r.j_per_correct_ratio;
  out.si = r.si;
  out.casting_s = r.casting_s;
  out.memory_bytes = r.memory_bytes;
  out.varied = varied(at.variant);
  return out;
}

std::vector<CriticalPointRow> ResultsStore::critical_rows(const std::vector<sweep::CriticalRow>& rows) const {
  const spec::ExperimentSpec& x = plan_.experiment();
  std::vector<CriticalPointRow> out;
  for (const sweep::CriticalRow& row : rows) {
    CriticalPointRow base;
    base.kind = row.along_params ? "N" : "B";
    base.gpu = x.gpus[row.gpu];
    base.host = plan_.machines()[plan_.machine(row.gpu, row.host, row.variant)].host->name;
    base.stack = x.stacks[row.stack];
    base.versus = plan_.stacks()[plan_.anchor(row.stack)]->name;
    base.chain = x.chains[row.chain];
    base.model = row.along_params ? "" : x.models[row.model];
    base.equal = to_text(row.equal);
    base.outcome = metrics::to_text(row.points.outcome);
    base.batch = row.batch;
    base.lowest = row.points.lowest;
    base.highest = row.points.highest;
    base.literature_params = row.literature_params;
    base.varied = varied(row.variant);
    if (row.points.crossings.empty()) {
      out.push_back(base);
    }
    for (const metrics::Crossing& crossing : row.points.crossings) {
      out.push_back(base);
      out.back().at = crossing.at;
      out.back().trap_below = crossing.trap_below ? 1 : 0;
    }
  }
  return out;
}

PointBandRow band_row(const metrics::PointBands& b) {
  return {b.verdict_share, b.slower_share,     b.hungrier_share,   b.cor.low,
          b.cor.high,      b.energy_ratio.low, b.energy_ratio.high};
}

std::vector<CriticalBandRow> band_rows(const std::vector<sweep::CriticalRow>& critical) {
  std::vector<CriticalBandRow> out;
  for (const sweep::CriticalRow& row : critical) {
    const metrics::CriticalBands& bands = row.bands;
    HOPSIM_CHECK(bands.crossings.size() == std::max<std::size_t>(1, row.points.crossings.size()),
                 "a critical point has no band");
    for (const metrics::CrossingBand& one : bands.crossings) {
      out.push_back({bands.crosses, bands.always, bands.never, one.share, one.at.low, one.at.high});
    }
  }
  return out;
}

}  // namespace hopsim::report
