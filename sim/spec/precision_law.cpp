// SPDX-License-Identifier: Apache-2.0
#include "spec/precision_law.hpp"

#include <cmath>

#include "io/object_reader.hpp"
#include "spec/library.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

double PrecisionLaw::loss_nats(double params, double training_tokens, double bits) const {
  return anchor_nats * std::pow(training_tokens / anchor_tokens, gamma_tokens) *
         std::pow(anchor_params / params, gamma_params) * std::exp((anchor_bits - bits) / gamma_bits);
}

double PrecisionLaw::loss_factor(double training_tokens) const {
  return std::pow(training_tokens / measured_tokens, gamma_tokens);
}

PrecisionLaw load_precision_law(const std::string& path) {
  const io::Value document = load_extended(path);
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "precision-law");
  constexpr io::Range kExponent{0, 10, true};
  constexpr io::Range kTokens{1e6, 1e16};
  PrecisionLaw out;
  out.gamma_tokens = reader.number("gamma_tokens", kExponent);
  out.gamma_params = reader.number("gamma_params", kExponent);
  out.gamma_bits = reader.number("gamma_bits", kExponent);
  io::ObjectReader anchor(reader.child("anchor"), findings);
  out.anchor_params = anchor.number("params_b", {0.01, 1e4}) * 1e9;
  out.anchor_tokens = anchor.number("training_tokens", kTokens);
  out.anchor_bits = anchor.number("bits", {1, 16});
  out.anchor_nats = anchor.number("loss_nats", {0, 10, true});
  static_cast<void>(read_source(anchor));
  anchor.finish();
  io::ObjectReader measured(reader.child("accuracies_measured_at"), findings);
  out.measured_tokens = measured.number("training_tokens", kTokens);
  static_cast<void>(read_source(measured));
  measured.finish();
  out.source = read_source(reader);
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
