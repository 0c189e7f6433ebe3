// SPDX-License-Identifier: Apache-2.0
#include "report/page/waterfalls.hpp"

#include <cmath>
#include <optional>

#include "base/errors.hpp"
#include "metrics/explain.hpp"
#include "replay/folded/folded_engine.hpp"

namespace hopsim::report {

namespace {

using io::Json;

// Results of another program may differ from what this one explains; then there is nothing to show.
constexpr double kSameRatio = 1e-6;

struct Extremes {
  std::optional<std::size_t> trap, gain;  // rows
};

auto comparable(const PointRow& row) -> bool {
  return row.feasible != 0 && row.anchor_fits != 0 && row.verdict != "anchor" && row.verdict != "no-anchor";
}

// By GPU of the plan.
auto extremes_of(const Results& results, const sweep::Plan& plan) -> std::vector<Extremes> {
  std::vector<Extremes> out(plan.experiment().gpus.size());
  const auto ratio = [&](std::size_t row) { return results.points[row].energy_ratio; };
  for (std::size_t row = 0; row < results.points.size(); ++row) {
    const sweep::Coordinates at = plan.grid().at(row);
    if (at.host != 0 || at.variant != 0 || at.chain != 0 || !comparable(results.points[row])) {
      continue;
    }
    Extremes& gpu = out[at.gpu];
    if (ratio(row) > 1 && (!gpu.trap || ratio(row) > ratio(*gpu.trap))) {
      gpu.trap = row;
    }
    if (ratio(row) < 1 && (!gpu.gain || ratio(row) < ratio(*gpu.gain))) {
      gpu.gain = row;
    }
  }
  return out;
}

// Causes that change nothing are left out.
auto parts_json(const metrics::Parts& parts) -> Json {
  Json out = Json::object();
  for (std::size_t cause = 0; cause < metrics::kCauseCount; ++cause) {
    if (parts[cause] != 0) {
      out[std::string(to_text(static_cast<metrics::Cause>(cause)))] = parts[cause];
    }
  }
  return out;
}

auto decomposition_json(const metrics::Decomposition& d) -> Json {
  return {{"anchor", d.anchor}, {"q", d.q}, {"parts", parts_json(d.parts)}};
}

auto gpus_of(const metrics::Machine& machine, const metrics::Workload& workload) -> int {
  return metrics::place(machine, workload, metrics::RunChain(workload)).gpus;
}

auto explained(const PointRow& row, const sweep::Coordinates& at, const sweep::Plan& plan)
    -> std::optional<Json> {
  const std::size_t machine = plan.machine(at.gpu, at.host, at.variant);
  const metrics::Workload q{plan.models()[at.model], plan.stacks()[plan.stack(at.stack, at.variant)],
                            plan.chains()[plan.chain(at.chain, at.variant)],
                            plan.experiment().batches[at.batch]};
  const spec::StackSpec& anchor = *plan.stacks()[plan.anchor(at.stack)];
  const metrics::Machine& on = plan.machines()[machine];
  const metrics::Explanation why =
      metrics::explain(on, plan.coster(machine), q, anchor, replay::FoldedEngine(),
                       {gpus_of(on, q), gpus_of(on, {q.model, &anchor, q.chain, q.batch})});
  if (std::abs(why.energy_j.q / why.energy_j.anchor / row.energy_ratio - 1) > kSameRatio) {
    return std::nullopt;
  }
  return Json{{"gpu", row.gpu},
              {"model", row.model},
              {"stack", row.stack},
              {"versus", row.versus},
              {"chain", row.chain},
              {"batch", row.batch},
              {"varied", row.varied},
              {"energy_ratio", row.energy_ratio},
              {"energy_j", decomposition_json(why.energy_j)},
              {"gap_parts", parts_json(why.gap_parts_j)},
              {"latency_s", decomposition_json(why.latency_s)},
              {"j_per_correct", why.j_per_correct ? decomposition_json(*why.j_per_correct) : Json(nullptr)}};
}

}  // namespace

io::Json waterfalls_json(const Results& results, const sweep::Plan& plan) {
  Json out = Json::array();
  if (results.points.size() != plan.grid().rows()) {
    return out;
  }
  for (const Extremes& gpu : extremes_of(results, plan)) {
    for (const auto& row : {gpu.trap, gpu.gain}) {
      if (row) {
        if (auto found = explained(results.points[*row], plan.grid().at(*row), plan)) {
          out.push_back(std::move(*found));
        }
      }
    }
  }
  return out;
}

}  // namespace hopsim::report
