// SPDX-License-Identifier: Apache-2.0
#include "app/answers_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "app/quantity_text.hpp"
#include "app/terminal.hpp"
#include "io/source_json.hpp"

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
  return caps.empty() ? ", output cap not stated"
                      : fmt::format(", at an output cap of {} tokens", fmt::join(caps, " and "));
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
          {"provenance", io::source_json(law.source)}};
}

auto tokens_words(double tokens) -> std::string {
  return tokens >= 1e12 ? fmt::format("{:.3g} trillion", tokens / 1e12)
                        : fmt::format("{:.3g} million", tokens / 1e6);
}

auto law_text(const RunReport& r) -> std::string {
  const spec::PrecisionLaw& law = r.law->law;
  return wrapped(
      fmt::format("Trained on {} tokens it loses {:.3f} nats, {:.2f} times what it loses after {}, at which "
                  "accuracies were measured: precision scaling law, EXTRAPOLATED ({})",
                  tokens_words(r.law->training_tokens),
                  law.loss_nats(r.workload.model->params(), r.law->training_tokens, r.workload.stack->bits),
                  r.workload.loss_factor, tokens_words(law.measured_tokens), law.source.citation));
}

// "measured, Qwen3-8B and R1-Qwen-14B on GSM8K, extrapolated in model size"
auto grounds_words(const RunReport& r, const QualityValue& value) -> std::string {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_benchmark;
  for (const spec::QualityRow* row : value.rows) {
    auto known = std::find_if(by_benchmark.begin(), by_benchmark.end(),
                              [&](const auto& one) { return one.first == row->benchmark; });
    if (known == by_benchmark.end()) {
      known = by_benchmark.insert(known, {row->benchmark, {}});
    }
    if (std::find(known->second.begin(), known->second.end(), row->model) == known->second.end()) {
      known->second.push_back(row->model);
    }
  }
  std::string out(to_text(spec::source_of(r.workload.stack->quality, value).kind));
  for (const auto& [benchmark, models] : by_benchmark) {
    out += fmt::format(", {} on {}", fmt::join(models, " and "), benchmark);
  }
  return out + (value.extrapolated ? ", extrapolated in model size" : "");
}

auto compounding_words(const spec::ChainSpec& chain) -> std::string {
  return chain.accuracy_compounds ? fmt::format(", each of {} hops in a row as a step of it", chain.depth())
                                  : "";
}

auto spread_words(const Spread& s, std::string (*words)(double)) -> std::string {
  return fmt::format("{} ({} to {})", words(s.mean), words(s.low), words(s.high));
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
  out["quality"] = io::source_json(spec::source_of(quality, accuracy_of(r)));
  out["token_inflation"] = io::source_json(spec::source_of(quality, inflation_of(r)));
  out["accuracy_16bit"] = io::source_json(r.workload.chain->accuracy_source);
  return out;
}

std::string accuracy_provenance(const RunReport& r) {
  const QualityValue value = accuracy_of(r);
  return value.value ? std::string(to_text(spec::source_of(r.workload.stack->quality, value).kind))
                     : "unknown";
}

std::string answers_note(const RunReport& r) {
  if (r.workload.stack->bits == 16) {
    return "";
  }
  const metrics::Quality quality = metrics::quality_of(r.workload);
  const QualityValue accuracy = accuracy_of(r);
  const QualityValue inflation = inflation_of(r);
  std::string out = "\n";
  out += quality.accuracy_ratio
             ? wrapped(fmt::format("Accuracy {:.3f} of 16 bit's: {}{}", *quality.accuracy_ratio,
                                   grounds_words(r, accuracy), compounding_words(*r.workload.chain)))
             : wrapped(fmt::format("accuracy unknown: nobody measured the right answers of {}, so nothing is "
                                   "said per right answer",
                                   r.workload.stack->name));
  out += inflation.value ? wrapped(fmt::format("Tokens {:.3f} of 16 bit's (CTIR{}): {}", *inflation.value,
                                               cap_words(inflation), grounds_words(r, inflation)))
                         : "Tokens as at 16 bit: nobody measured how much longer answers get (CTIR)\n";
  return out + (r.law ? law_text(r) : "");
}

std::string draws_text(const RunReport& r) {
  if (!r.sampled) {
    return "";
  }
  const metrics::MonteCarlo& drawn = r.sampled->result;
  std::string out = fmt::format(
      "\n{} chains drawn (seed {}), mean and nine in ten; the table above is of one of the expected length\n",
      r.sampled->sampling.samples, r.sampled->sampling.seed);
  const bool both = !r.judged.is_anchor;
  const auto row = [&](const char* name, const std::string& q, const std::string& anchor) {
    out += fmt::format("  {:<24}{:>35}{}\n", name, q, both ? fmt::format("{:>35}", anchor) : "");
  };
  const auto line = [&](const char* name, const Spread& q, const Spread& a, std::string (*words)(double)) {
    row(name, spread_words(q, words), spread_words(a, words));
  };
  row("", r.workload.stack->name, r.versus->name);
  line("tokens", drawn.q.tokens, drawn.anchor.tokens, digits_text);
  line("time of the chain", drawn.q.latency_s, drawn.anchor.latency_s, seconds_text);
  line("energy of the chain", drawn.q.energy_j, drawn.anchor.energy_j, joules_text);
  if (drawn.q.j_per_correct && drawn.anchor.j_per_correct) {
    line("energy per right answer", *drawn.q.j_per_correct, *drawn.anchor.j_per_correct, joules_text);
  }
  if (both) {
    out += fmt::format("  {:<24}{:>35}\n", "energy ratio of a draw",
                       spread_words(drawn.energy_ratio, factor_text));
  }
  return out;
}

}  // namespace hopsim::app
