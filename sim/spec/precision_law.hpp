// SPDX-License-Identifier: Apache-2.0
// The precision scaling law of Kumar et al. (arXiv 2411.04330) for models trained in 16 bit and quantised
// afterwards:
//   delta(N, D, P) = C D^gD / N^gN exp(-P / gP)   nats of loss, N parameters, D training tokens, P bits of a
//   weight.
// It was fitted below 220M parameters and 26B tokens, and extrapolated it overstates measured losses by ten
// times. So C is rescaled to one measured loss (`anchor`), and only its shape is used: a model trained on
// more tokens loses more when quantised. Whatever rests on it is extrapolated.
#pragma once

#include <string>

#include "base/provenance.hpp"

namespace hopsim::spec {

struct PrecisionLaw {
  double gamma_tokens = 0, gamma_params = 0, gamma_bits = 0;
  double anchor_params = 0, anchor_tokens = 0, anchor_bits = 0, anchor_nats = 0;
  double measured_tokens = 0;  // that the models were trained on of which accuracies were measured
  Source source;

  /// Nats that a model loses at so many bits a weight.
  [[nodiscard]] double loss_nats(double params, double training_tokens, double bits) const;
  /// That loss over the loss after measured_tokens: what logarithms of accuracy ratios are multiplied by.
  [[nodiscard]] double loss_factor(double training_tokens) const;
};

/// Reads and checks a law (`hopsim: precision-law/1`). Throws InputError.
[[nodiscard]] PrecisionLaw load_precision_law(const std::string& path);

}  // namespace hopsim::spec
