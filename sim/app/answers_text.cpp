// SPDX-License-Identifier: Apache-2.0
#include "app/answers_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hopsim::app {

namespace {

using io::Json;
using metrics::SampledStack;
using metrics::Spread;
using spec::QualityValue;

auto accuracy_of(const RunReport& r) -> QualityValue {
  return spec::accuracy_ratio(r.workload.stack->quality, r.workload.model->params(), *r.workload.chain);
}

auto inflation_of(const RunReport& r) -> QualityValue {
  return spec::token_inflation(r.workload.stack->quality, r.workload.model->params(), *r.workload.chain);
}

// The caps of the rows that a CTIR rests on, each once; none of rows that don't state theirs.
auto caps_of(const QualityValue& value) -> std::vector<int> {
  std::vector<int> out;
  for (const spec::QualityRow* row : value.rows) {
    if (row->output_cap_tokens > 0 &&
        std::find(out.begin(), out.end(), row->output_cap_tokens) == out.end()) {
      out.push_back(row->output_cap_tokens);
    }
  }
  return out;
}

auto cap_words(const QualityValue& value) -> std::string {
  if (value.rows.empty()) {
    return "";
  }
  const std::vector<int> caps = caps_of(value);
  return caps.empty() ? " (output cap not stated)"
                      : fmt::format(" (at an output cap of {} tokens)", fmt::join(caps, ", "));
}

auto source_json(const Source& source) -> Json {
  return {{"kind", to_text(source.kind)}, {"source", source.citation}};
}

auto spread_json(const Spread& s) -> Json {
  return {{"mean", s.mean}, {"standard_error", s.standard_error}, {"p5", s.low}, {"p95", s.high}};
}

auto sampled_json(const SampledStack& s) -> Json {
  return {{"latency_s", spread_json(s.latency_s)},
          {"energy_j", spread_json(s.energy_j)},
          {"tokens", spread_json(s.tokens)},
          {"j_per_correct", s.j_per_correct ? spread_json(*s.j_per_correct) : Json(nullptr)}};
}

auto law_json(const RunReport& r) -> Json {
  const spec::PrecisionLaw& law = r.law->law;
  const double params = r.workload.model->params();
  const double bits = r.workload.stack->bits;
  return {{"training_tokens", r.law->training_tokens},
          {"measured_training_tokens", law.measured_tokens},
          {"loss_nats", bits < 16 ? law.loss_nats(params, r.law->training_tokens, bits) : 0},
          {"loss_factor", r.workload.loss_factor},
          {"extrapolated", true},
          {"provenance", source_json(law.source)}};
}

auto law_text(const RunReport& r) -> std::string {
  const spec::PrecisionLaw& law = r.law->law;
  return fmt::format(
      "  after {:.3g} training tokens: {:.3f} nats lost, {:.2f} times what the accuracies were measured at\n"
      "    (precision scaling law, rescaled and EXTRAPOLATED: {})\n",
      r.law->training_tokens,
      law.loss_nats(r.workload.model->params(), r.law->training_tokens, r.workload.stack->bits),
      r.workload.loss_factor, law.source.citation);
}

auto sampled_text(const SampledRun& s) -> std::string {
  std::string out = fmt::format("\n{} chains drawn (seed {}): mean, and between which nine in ten lie\n",
                                s.sampling.samples, s.sampling.seed);
  const auto line = [&](const char* name, const Spread& q, const Spread& a) {
    out += fmt::format("  {:<26}{:>10.4g} ({:.4g} to {:.4g}) against {:.4g} ({:.4g} to {:.4g})\n", name,
                       q.mean, q.low, q.high, a.mean, a.low, a.high);
  };
  line("tokens", s.result.q.tokens, s.result.anchor.tokens);
  line("time of the chain, s", s.result.q.latency_s, s.result.anchor.latency_s);
  line("energy of the chain, J", s.result.q.energy_j, s.result.anchor.energy_j);
  if (s.result.q.j_per_correct && s.result.anchor.j_per_correct) {
    line("energy per right answer, J", *s.result.q.j_per_correct, *s.result.anchor.j_per_correct);
  }
  return out;
}

}  // namespace

io::Json answers_json(const RunReport& r) {
  const metrics::Quality quality = metrics::quality_of(r.workload);
  const std::vector<int> caps = caps_of(inflation_of(r));
  Json out;
  out["accuracy_ratio"] = quality.accuracy_ratio ? Json(*quality.accuracy_ratio) : Json(nullptr);
  out["token_inflation"] = quality.token_inflation;
  out["output_cap_tokens"] = caps.empty() ? Json(nullptr) : Json(caps);
  out["monte_carlo"] = nullptr;
  if (r.sampled) {
    out["monte_carlo"] = {{"samples", r.sampled->sampling.samples},
                          {"seed", r.sampled->sampling.seed},
                          {"q", sampled_json(r.sampled->result.q)},
                          {"anchor", sampled_json(r.sampled->result.anchor)},
                          {"energy_ratio", spread_json(r.sampled->result.energy_ratio)}};
  }
  out["precision_law"] = r.law ? law_json(r) : Json(nullptr);
  return out;
}

io::Json answers_provenance_json(const RunReport& r) {
  const spec::StackQuality& quality = r.workload.stack->quality;
  Json out;
  out["quality"] = source_json(spec::source_of(quality, accuracy_of(r)));
  out["token_inflation"] = source_json(spec::source_of(quality, inflation_of(r)));
  out["accuracy_16bit"] = source_json(r.workload.chain->accuracy_source);
  return out;
}

std::string accuracy_provenance(const RunReport& r) {
  const QualityValue value = accuracy_of(r);
  return value.value ? std::string(to_text(spec::source_of(r.workload.stack->quality, value).kind))
                     : "unknown";
}

std::string answers_text(const RunReport& r) {
  std::string out;
  if (r.workload.stack->bits < 16) {
    const metrics::Quality quality = metrics::quality_of(r.workload);
    const QualityValue accuracy = accuracy_of(r);
    const QualityValue inflation = inflation_of(r);
    const auto kind = [&](const QualityValue& value) {
      return to_text(spec::source_of(r.workload.stack->quality, value).kind);
    };
    out += "\nRight answers and tokens, against 16 bit:\n";
    out += quality.accuracy_ratio
               ? fmt::format("  accuracy x {:.3f}, {}{}\n", *quality.accuracy_ratio, kind(accuracy),
                             accuracy.extrapolated ? ", extrapolated in model size" : "")
               : "  accuracy unknown: nobody measured it, so nothing is said per right answer\n";
    out += inflation.value
               ? fmt::format("  tokens x {:.3f}{}, {}{}\n", *inflation.value, cap_words(inflation),
                             kind(inflation), inflation.extrapolated ? ", extrapolated in model size" : "")
               : "  tokens: no inflation measured, 1 taken\n";
    out += r.law ? law_text(r) : "";
  }
  return out + (r.sampled ? sampled_text(*r.sampled) : "");
}

}  // namespace hopsim::app
