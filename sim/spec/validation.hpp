// SPDX-License-Identifier: Apache-2.0
// A validation suite (`hopsim: validation/1`): measurements by others that the simulator is held against.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/errors.hpp"

namespace hopsim::spec {

/// What a measured or predicted number is.
enum class Metric { kMsPerStep, kTokensPerS, kPowerW, kJPerToken, kCor, kEnergyRatio };
inline constexpr std::size_t kMetricCount = 6;
/// "ms_per_step", "tok_s", "power_w", "j_per_token", "cor", "energy_ratio"
[[nodiscard]] std::string_view to_text(Metric metric);

/// A host known by one 16-bit number that any user can measure: its speed is the one at which that number
/// comes out.
struct HostAnchor {
  std::string stack;
  std::string model;  // empty: the row's
  int batch = 1;
  double ms_per_step = 0;
};

struct ValidationRow {
  std::string name;
  std::string gpu, model, stack;
  std::string versus;  // empty: the stack's own anchor
  std::string host;    // empty: the GPU profile's
  std::optional<HostAnchor> host_anchor;
  int gpus = 1;
  int batch = 1;
  int prompt_tokens = 1;
  int decode_tokens = 1;
  int hops = 1;
  bool fitted = false;  // parameters were fitted to it: reported apart
  std::map<Metric, double> measured;
  Location at;
};

struct ValidationSuite {
  std::string name;
  std::string source;
  double tolerance = 0;  // largest median absolute error, as a share, that passes
  std::vector<ValidationRow> rows;
};

/// Reads and checks a suite. Throws InputError with all findings.
[[nodiscard]] ValidationSuite load_validation(const std::string& path);

}  // namespace hopsim::spec
