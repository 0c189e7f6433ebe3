// SPDX-License-Identifier: Apache-2.0
#include "app/run_text.hpp"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "app/answers_text.hpp"
#include "io/source_json.hpp"
#include "lowering/step_work.hpp"

namespace hopsim::app {

namespace {

using io::Json;
using metrics::Performance;

auto optional_number(bool known, double x) -> Json { return known ? Json(x) : Json(nullptr); }

auto performance_json(const Performance& p, bool known) -> Json {
  Json out;
  out["latency_s"] = optional_number(known, p.latency_s);
  out["tokens_per_s"] = optional_number(known, p.tokens_per_s);
  out["energy_j"] = optional_number(known, p.energy_j);
  out["j_per_token"] = optional_number(known, p.j_per_token);
  out["j_per_correct"] = optional_number(known && p.accuracy_known(), p.j_per_correct);
  out["s_per_correct"] = optional_number(known && p.accuracy_known(), p.s_per_correct);
  out["power_w"] = optional_number(known, p.power_w);
  out["accuracy"] = optional_number(known && p.accuracy_known(), p.accuracy);
  out["host_bound_fraction"] = optional_number(known, p.host_bound_fraction);
  out["pause_s"] = optional_number(known, p.pause_s);
  return out;
}

auto money_json(const RunReport& r, const Performance& p, bool known) -> Json {
  Json out;
  out["usd"] = optional_number(known, usd_of_chain(r, p));
  const bool answers_known = known && p.accuracy_known();
  out["usd_per_correct"] = answers_known ? Json(usd_per_correct(r, p)) : Json(nullptr);
  return out;
}

auto classes_json(const Performance& p) -> Json {
  Json out = Json::object();
  for (std::size_t c = 0; c < kKernelClassCount; ++c) {
    if (p.class_s[c] > 0) {
      out[std::string(kKernelClassNames[c])] = {{"time_s", p.class_s[c]}, {"energy_j", p.class_j[c]}};
    }
  }
  return out;
}

// Kernel families that a stack names, each once, and that of collectives over several GPUs.
auto families_of(const spec::StackSpec& stack, int gpus) -> std::set<std::string> {
  std::set<std::string> out = spec::families_of(stack);
  if (gpus > 1) {
    out.insert(lowering::kCollectiveFamily);
  }
  return out;
}

}  // namespace

io::Json provenance_json(const RunReport& r) {
  const spec::GpuSpec& gpu = *r.machine.gpu;
  Json families = Json::object();
  const int gpus = std::max(r.judged.point.place.gpus, r.judged.anchor.place.gpus);
  std::set<std::string> names = families_of(*r.workload.stack, gpus);
  names.merge(families_of(*r.versus, gpus));
  for (const std::string& name : names) {
    if (const auto found = gpu.families.find(name); found != gpu.families.end()) {
      Json entry = io::source_json(found->second.source);
      if (found->second.rows > 0) {
        entry["held_out_median_ape"] = found->second.median_ape;
        entry["held_out_p90_ape"] = found->second.p90_ape;
      }
      families[name] = std::move(entry);
    }
  }
  Json out;
  out["kernel_families"] = std::move(families);
  out["power"] = io::source_json(gpu.power.source);
  out["price"] = io::source_json(price_source(r));
  out["host"] = io::source_json(r.machine.host->source);
  out["dispatch"] = io::source_json(r.workload.stack->host_source);
  out["memory"] = io::source_json(r.workload.stack->memory_source);
  out.update(answers_provenance_json(r));
  out["chain"] = io::source_json(r.workload.chain->source);
  return out;
}

std::string provenance_line(const RunReport& r) {
  std::string out;
  for (const std::string& name : families_of(*r.workload.stack, r.judged.point.place.gpus)) {
    const auto found = r.machine.gpu->families.find(name);
    if (found != r.machine.gpu->families.end()) {
      const spec::KernelFamily& family = found->second;
      out += fmt::format(
          "{}{} {}{}", out.empty() ? "" : ", ", name, to_text(family.source.kind),
          family.p90_ape > 0 ? fmt::format(" (9 in 10 within {:.0f} %)", 100 * family.p90_ape) : "");
    }
  }
  return fmt::format("kernels: {}; host {}; power {}; accuracy {} (sources: --json)", out,
                     to_text(r.machine.host->source.kind), to_text(r.machine.gpu->power.source.kind),
                     accuracy_provenance(r));
}

double usd_of_chain(const RunReport& r, const Performance& p) {
  constexpr double kSecondsPerHour = 3600;
  return p.gpus * r.machine.gpu->price_usd_per_hour * p.latency_s / kSecondsPerHour;
}

double usd_per_correct(const RunReport& r, const Performance& p) {
  return usd_of_chain(r, p) / r.workload.batch / p.accuracy;
}

Source price_source(const RunReport& r) {
  const auto found = r.machine.gpu->provenance.find("price_usd_per_hour");
  return found == r.machine.gpu->provenance.end() ? Source{} : found->second;
}

std::string anchor_note(const metrics::JudgedPoint& j) {
  return j.anchor_fits
             ? ""
             : fmt::format(
                   "\nNote: 16 bit does not fit into {} of these GPUs ({} needed); it is compared "
                   "as if it did.\n",
                   j.anchor.place.gpus > 1 ? std::to_string(j.anchor.place.gpus) : "one",
                   j.anchor.place.fewest > 0 ? std::to_string(j.anchor.place.fewest) : "more than 64");
}

io::Json run_json(const RunReport& r) {
  const metrics::JudgedPoint& j = r.judged;
  const bool known = j.point.feasible();
  const bool compared = known && j.anchor.simulated;
  Json out;
  out["gpu"] = r.machine.gpu->name;
  out["host"] = r.machine.host->name;
  out["model"] = r.workload.model->name;
  out["params"] = r.workload.model->params();
  out["stack"] = r.workload.stack->name;
  out["versus"] = r.versus->name;
  out["batch"] = r.workload.batch;
  out["chain"] = r.workload.chain->name;
  out["verdict"] = to_text(j.comparison.verdict);
  out["accuracy_trap"] = j.comparison.accuracy_trap;
  out.update(performance_json(j.point.performance, known));
  out.update(money_json(r, j.point.performance, known));
  out["price_usd_per_hour"] = r.machine.gpu->price_usd_per_hour;
  out["cor"] = optional_number(compared, j.comparison.cor);
  out["cor_kernel"] = optional_number(compared, j.comparison.cor_kernel);
  out["energy_ratio"] = optional_number(compared, j.comparison.energy_ratio);
  out["j_per_correct_ratio"] =
      optional_number(compared && j.comparison.accuracy_known, j.comparison.j_per_correct_ratio);
  out["si"] = optional_number(compared && j.comparison.accuracy_known, j.comparison.si);
  out.update(answers_json(r));
  out["classes"] = classes_json(j.point.performance);
  out["gpus"] = j.point.place.gpus;
  out["memory_bytes"] = j.point.memory_bytes();
  out["gpus_needed"] = j.point.place.fewest;
  out["split_obstacle"] = j.point.place.obstacle;
  out["missing_families"] = j.point.missing_families;
  out["anchor"] = performance_json(j.anchor.performance, j.anchor.simulated);
  out["anchor"].update(money_json(r, j.anchor.performance, j.anchor.simulated));
  out["anchor_fits"] = j.anchor_fits;
  out["anchor_gpus"] = j.anchor.place.gpus;
  out["anchor_gpus_needed"] = j.anchor.place.fewest;
  if (r.bands.drawn.draws > 0) {
    out["bands"] = bands_json(r.bands);
  }
  out["kernels"] = j.point.performance.kernels + j.anchor.performance.kernels;
  out["wall_s"] = r.wall_s;
  out["engine"] = r.engine;
  out["provenance"] = provenance_json(r);
  return out;
}

}  // namespace hopsim::app
