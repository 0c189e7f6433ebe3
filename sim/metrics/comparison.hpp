// SPDX-License-Identifier: Apache-2.0
// Low precision against 16 bit on the same GPU, host, model, batch and chain.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "metrics/performance.hpp"

namespace hopsim::metrics {

enum class Verdict { kAnchor, kDissolved, kEnergyTrap, kLatencyTrap, kFullTrap, kInfeasible, kNoAnchor };

inline constexpr std::size_t kVerdictCount = 7;

/// "anchor", "dissolved", "energy-trap", "latency-trap", "full-trap", "infeasible", "no-anchor" (16 bit has
/// no kernels on this GPU)
[[nodiscard]] constexpr std::string_view to_text(Verdict v) {
  constexpr std::string_view kNames[] = {"anchor",    "dissolved",  "energy-trap", "latency-trap",
                                         "full-trap", "infeasible", "no-anchor"};
  return kNames[static_cast<std::size_t>(v)];
}

/// How the three sub-indices of the sustainability index are joined. The published formula (arXiv 2602.13595)
/// could not be obtained; this is the reading of DESIGN.md section 3, with the anchor at 1.
struct SiOptions {
  enum class Mean { kGeometric, kArithmetic };

  double trust = 1.0 / 3;
  double economic = 1.0 / 3;
  double environmental = 1.0 / 3;
  Mean mean = Mean::kGeometric;
};

struct Comparison {
  double cor = 0;                  // t_q / t_16 - 1
  double cor_kernel = 0;           // time in casting kernels over that in all others, of q alone
  double energy_ratio = 1;         // E_q / E_16 = (1 + cor) * P_q / P_16
  double j_per_correct_ratio = 1;  // this, T and the index are 0 where an accuracy is unknown
  double trust = 1;                // T: ratio of accuracies
  double economic = 1;             // E: ratio of chains per dollar; equal GPUs, so only their number counts
  double environmental = 1;        // S: 1 / energy ratio
  double si = 1;
  Verdict verdict = Verdict::kAnchor;
  bool accuracy_known = true;
  bool accuracy_trap = false;  // energy below 16 bit, energy per correct answer above
};

/// Requires positive latencies and energies of both. Equal to 16 bit within 1e-12 counts as no trap.
[[nodiscard]] Comparison compare(const Performance& q, const Performance& anchor, const SiOptions& options);

}  // namespace hopsim::metrics
