// SPDX-License-Identifier: Apache-2.0
#include "app/run_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "app/answers_text.hpp"

namespace hopsim::app {

namespace {

using io::Json;
using metrics::Performance;
using metrics::Verdict;

auto source_json(const Source& source) -> Json {
  return {{"kind", to_text(source.kind)}, {"source", source.citation}};
}

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

auto classes_json(const Performance& p) -> Json {
  Json out = Json::object();
  for (std::size_t c = 0; c < kKernelClassCount; ++c) {
    if (p.class_s[c] > 0) {
      out[std::string(kKernelClassNames[c])] = {{"time_s", p.class_s[c]}, {"energy_j", p.class_j[c]}};
    }
  }
  return out;
}

// Kernel families that a stack names, each once.
auto families_of(const spec::StackSpec& stack) -> std::set<std::string> {
  std::set<std::string> out;
  const auto take = [&](const std::vector<spec::StackCase>& cases) {
    for (const spec::StackCase& one : cases) {
      for (const spec::StackCall& call : one.calls) {
        if (call.kind == spec::StackCall::Kind::kKernel) {
          out.insert(call.family);
        }
      }
    }
  };
  for (const auto& [ignored, cases] : stack.linears) {
    take(cases);
  }
  for (const auto* block : {&stack.prologue, &stack.layer, &stack.epilogue}) {
    for (const spec::StackOperator& op : *block) {
      take(op.cases);
    }
  }
  return out;
}

auto percent(double ratio) -> std::string { return fmt::format("{:+.0f} %", 100 * (ratio - 1)); }

auto verdict_words(const RunReport& r) -> std::string {
  const metrics::JudgedPoint& j = r.judged;
  const metrics::Comparison& c = j.comparison;
  if (c.verdict == Verdict::kInfeasible) {
    if (!j.point.supported) {
      return fmt::format("infeasible: {} has no kernels of family {}", r.machine.gpu->name,
                         j.point.missing_families);
    }
    const std::string need = fmt::format("{:.1f} GB", j.point.memory.total() / 1e9);
    return j.point.gpus > 0
               ? fmt::format("infeasible: needs {}, so at least {} of these GPUs", need, j.point.gpus)
               : fmt::format("infeasible: needs {}, more than 64 of these GPUs hold", need);
  }
  if (c.verdict == Verdict::kAnchor) {
    return "this is the 16-bit anchor itself";
  }
  if (c.verdict == Verdict::kNoAnchor) {
    return fmt::format("no comparison: {} has no kernels of family {} for {}", r.machine.gpu->name,
                       j.anchor.missing_families, r.versus->name);
  }
  const std::string time = fmt::format("{:.0f} % {}", 100 * std::abs(c.cor), c.cor > 0 ? "slower" : "faster");
  const std::string energy = fmt::format("{:.0f} % {} energy", 100 * std::abs(c.energy_ratio - 1),
                                         c.energy_ratio > 1 ? "more" : "less");
  return fmt::format("{}: {} and {} than {}{}", to_text(c.verdict), time, energy, r.versus->name,
                     c.accuracy_trap ? "; accuracy-trap: more energy for each right answer" : "");
}

auto bar(double share) -> std::string {
  constexpr double kWidth = 24;
  const auto full = static_cast<std::size_t>(std::lround(kWidth * std::clamp(share, 0.0, 1.0)));
  std::string out;
  for (std::size_t i = 0; i < full; ++i) {
    out += "█";
  }
  return out;
}

auto breakdown(const Performance& p) -> std::string {
  struct Part {
    std::string name;
    double time_s;
  };
  std::vector<Part> parts;
  for (std::size_t c = 0; c < kKernelClassCount; ++c) {
    if (p.class_s[c] > 0) {
      parts.push_back({std::string(kKernelClassNames[c]), p.class_s[c]});
    }
  }
  parts.push_back({"GPU waits for host", p.idle_s});
  if (p.pause_s > 0) {
    parts.push_back({"pauses", p.pause_s});
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.time_s > b.time_s; });
  constexpr double kWorthALine = 5e-4;
  std::string out;
  for (const Part& part : parts) {
    const double share = part.time_s / p.latency_s;
    if (share >= kWorthALine) {
      out +=
          fmt::format("  {:<20}{:>10.3f} s {:>5.1f} %  {}", part.name, part.time_s, 100 * share, bar(share));
      out.erase(out.find_last_not_of(' ') + 1);
      out += "\n";
    }
  }
  return out;
}

}  // namespace

io::Json provenance_json(const RunReport& r) {
  const spec::GpuSpec& gpu = *r.machine.gpu;
  Json families = Json::object();
  std::set<std::string> names = families_of(*r.workload.stack);
  names.merge(families_of(*r.versus));
  for (const std::string& name : names) {
    if (const auto found = gpu.families.find(name); found != gpu.families.end()) {
      Json entry = source_json(found->second.source);
      if (found->second.rows > 0) {
        entry["held_out_median_ape"] = found->second.median_ape;
        entry["held_out_p90_ape"] = found->second.p90_ape;
      }
      families[name] = std::move(entry);
    }
  }
  Json out;
  out["kernel_families"] = std::move(families);
  out["power"] = source_json(gpu.power.source);
  out["host"] = source_json(r.machine.host->source);
  out["dispatch"] = source_json(r.workload.stack->host_source);
  out["memory"] = source_json(r.workload.stack->memory_source);
  out.update(answers_provenance_json(r));
  out["chain"] = source_json(r.workload.chain->source);
  return out;
}

std::string provenance_line(const RunReport& r) {
  std::string out;
  for (const std::string& name : families_of(*r.workload.stack)) {
    const auto found = r.machine.gpu->families.find(name);
    if (found != r.machine.gpu->families.end()) {
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, to_text(found->second.source.kind));
    }
  }
  return fmt::format("kernels: {}; host {}; power {}; accuracy {} (sources: --json)", out,
                     to_text(r.machine.host->source.kind), to_text(r.machine.gpu->power.source.kind),
                     accuracy_provenance(r));
}

std::string headline(const RunReport& r) {
  return fmt::format("{} on {}, {}, batch {}, {} (host: {})\n\n{}\n\n", r.workload.model->name,
                     r.machine.gpu->title, r.workload.stack->name, r.workload.batch, r.workload.chain->title,
                     r.machine.host->name, verdict_words(r));
}

std::string anchor_note(const metrics::JudgedPoint& j) {
  return j.anchor_fits ? ""
                       : fmt::format(
                             "\nNote: 16 bit does not fit into one of these GPUs ({} needed); it is compared "
                             "as if it did.\n",
                             j.anchor.gpus > 0 ? std::to_string(j.anchor.gpus) : "more than 64");
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
  out["cor"] = optional_number(compared, j.comparison.cor);
  out["cor_kernel"] = optional_number(compared, j.comparison.cor_kernel);
  out["energy_ratio"] = optional_number(compared, j.comparison.energy_ratio);
  out["j_per_correct_ratio"] =
      optional_number(compared && j.comparison.accuracy_known, j.comparison.j_per_correct_ratio);
  out["si"] = optional_number(compared && j.comparison.accuracy_known, j.comparison.si);
  out.update(answers_json(r));
  out["classes"] = classes_json(j.point.performance);
  out["memory_bytes"] = j.point.memory.total();
  out["gpus_needed"] = j.point.gpus;
  out["missing_families"] = j.point.missing_families;
  out["anchor"] = performance_json(j.anchor.performance, j.anchor.simulated);
  out["anchor_fits"] = j.anchor_fits;
  out["anchor_gpus_needed"] = j.anchor.gpus;
  out["kernels"] = j.point.performance.kernels + j.anchor.performance.kernels;
  out["wall_s"] = r.wall_s;
  out["engine"] = r.engine;
  out["provenance"] = provenance_json(r);
  return out;
}

std::string verdict_text(const RunReport& r) { return verdict_words(r) + "\n"; }

std::string run_text(const RunReport& r) {
  const metrics::JudgedPoint& j = r.judged;
  const Performance& q = j.point.performance;
  const Performance& a = j.anchor.performance;
  std::string out = headline(r);
  if (!j.point.feasible()) {
    return out;
  }
  if (!j.anchor.simulated) {
    return out +
           fmt::format("  {:.4g} s, {:.4g} tokens/s, {:.4g} J\n", q.latency_s, q.tokens_per_s, q.energy_j);
  }
  const auto line = [&](const char* name, double x, double y, const char* unit) {
    out +=
        fmt::format("  {:<26}{:>12.4g}{:>12.4g}  {:<9}{}\n", name, x, y, unit, y > 0 ? percent(x / y) : "");
  };
  out += fmt::format("  {:<26}{:>12}{:>12}\n", "", "this", "16 bit");
  line("time of the chain", q.latency_s, a.latency_s, "s");
  line("tokens per second", q.tokens_per_s, a.tokens_per_s, "1/s");
  line("energy of the chain", q.energy_j, a.energy_j, "J");
  line("energy per token", q.j_per_token, a.j_per_token, "J");
  if (j.comparison.accuracy_known) {
    line("energy per right answer", q.j_per_correct, a.j_per_correct, "J");
    line("GPU time per right answer", q.s_per_correct, a.s_per_correct, "s");
  }
  line("mean power", q.power_w, a.power_w, "W");
  out += fmt::format("  {:<26}{:>12.4g}{:>12.4g}  % of time\n", "GPU waiting for the host",
                     100 * q.host_bound_fraction, 100 * a.host_bound_fraction);
  out += fmt::format(
      "\n  COR {:+.3f}   COR of kernels {:.3f}   energy ratio {:.3f}   SI {}\n\nWhere the time goes:\n",
      j.comparison.cor, j.comparison.cor_kernel, j.comparison.energy_ratio,
      j.comparison.accuracy_known ? fmt::format("{:.3f}", j.comparison.si) : "unknown");
  out += breakdown(q);
  out += anchor_note(j);
  out += answers_text(r);
  return out + "\nRests on " + provenance_line(r) + "\n";
}

}  // namespace hopsim::app
