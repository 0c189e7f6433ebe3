// SPDX-License-Identifier: Apache-2.0
// Runs the rows of a validation suite and compares.
//
// ms_per_step is the mean decode step: the time of the chain less that of its first tokens alone, over the
// steps in between. A host anchor is solved for the speed (0.2 to 5 times the reference) at which the
// anchor's 16-bit step comes out; where the anchor hardly depends on the host (elasticity below 0.1) or can't
// be as fast as measured, it says nothing and the GPU profile's host is used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/catalog.hpp"
#include "spec/validation.hpp"

namespace hopsim::metrics {

struct ValidationResult {
  std::string suite;
  std::string name;
  spec::Metric metric = spec::Metric::kMsPerStep;
  double measured = 0;
  std::optional<double> predicted;  // none where the row can't run
  /// predicted / measured - 1; for cor predicted - measured. None without a prediction.
  std::optional<double> error;
  bool fitted = false;
  double host_speed = 0;
  std::string note;
};

/// One result a measured number, in the order of the file.
[[nodiscard]] std::vector<ValidationResult> validate(const spec::ValidationSuite& suite,
                                                     spec::Catalog& catalog);

/// Median and 90th percentile of |error| over results with a prediction that are no cor; none without any.
struct ErrorSummary {
  std::size_t n = 0;
  std::optional<double> median_ape, p90_ape;
};
[[nodiscard]] ErrorSummary summarise(const std::vector<ValidationResult>& results);

/// Among cor with |measured| > 0.1 and energy ratios more than 10 % off 1: the share whose sign is right.
/// None without.
[[nodiscard]] std::optional<double> sign_agreement(const std::vector<ValidationResult>& results);

}  // namespace hopsim::metrics
