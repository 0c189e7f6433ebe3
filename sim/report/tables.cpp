// SPDX-License-Identifier: Apache-2.0
#include "report/tables.hpp"

#include <fmt/format.h>

#include "io/csv.hpp"

namespace hopsim::report {

namespace {

auto number(double x) -> std::string { return fmt::format("{:.6g}", x); }

}  // namespace

std::string points_csv(const Results& results) {
  io::CsvTable table({"gpu",      "host",        "model",         "params",       "stack",
                      "versus",   "chain",       "batch",         "verdict",      "feasible",
                      "gpus",     "anchor_fits", "accuracy_trap", "latency_s",    "tokens_per_s",
                      "energy_j", "j_per_token", "j_per_correct", "power_w",      "host_bound_fraction",
                      "accuracy", "cor",         "cor_kernel",    "energy_ratio", "j_per_correct_ratio",
                      "si",       "casting_s",   "memory_bytes",  "kernels"});
  for (const PointRow& r : results.points) {
    table.add({r.gpu,
               r.host,
               r.model,
               number(r.params),
               r.stack,
               r.versus,
               r.chain,
               std::to_string(r.batch),
               r.verdict,
               std::to_string(r.feasible),
               std::to_string(r.gpus),
               std::to_string(r.anchor_fits),
               std::to_string(r.accuracy_trap),
               number(r.latency_s),
               number(r.tokens_per_s),
               number(r.energy_j),
               number(r.j_per_token),
               number(r.j_per_correct),
               number(r.power_w),
               number(r.host_bound_fraction),
               number(r.accuracy),
               number(r.cor),
               number(r.cor_kernel),
               number(r.energy_ratio),
               number(r.j_per_correct_ratio),
               number(r.si),
               number(r.casting_s),
               number(r.memory_bytes),
               std::to_string(r.kernels)});
  }
  return table.text();
}

std::string critical_csv(const Results& results) {
  io::CsvTable table({"kind", "gpu", "host", "stack", "versus", "chain", "model", "batch", "equal", "outcome",
                      "at", "trap_below", "lowest", "highest", "literature_params"});
  for (const CriticalPointRow& r : results.critical) {
    const bool crosses = r.outcome == "crossings";
    table.add({r.kind, r.gpu, r.host, r.stack, r.versus, r.chain, r.model,
               r.kind == "N" ? std::to_string(r.batch) : "", r.equal, r.outcome, crosses ? number(r.at) : "",
               crosses ? std::to_string(r.trap_below) : "", number(r.lowest), number(r.highest),
               r.kind == "N" ? number(r.literature_params) : ""});
  }
  return table.text();
}

}  // namespace hopsim::report
