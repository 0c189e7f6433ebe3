// SPDX-License-Identifier: Apache-2.0
// Why a stack q takes another time and energy than its 16-bit anchor: the difference shared out exactly among
// causes. Every mixture of the two sides (lowering/joined_step.hpp) is replayed, and each cause gets its
// Shapley value (metrics/shapley.hpp). With no cause the mixture is the anchor's own replay, with all of them
// q's, integer for integer.
//
// Where the two run on different numbers of GPUs, 16 bit on q's number stands in between: what changes up to
// there is `more_gpus`, and the causes share the rest.
//
// Energy is that of kernels, whose difference the replayed causes share, and that of a board without a kernel
// to run: the difference of the latter is `gaps`, and `gap_parts` says what made the GPU wait. Energy a right
// answer is energy over accuracy; there accuracy is one cause more.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lowering/joined_step.hpp"
#include "metrics/point.hpp"

namespace hopsim::metrics {

enum class Cause {
  kWeightBytes,       // bytes of the matrix products; where q widens weights first, as if it did not
  kDequantTraffic,    // kernels that dequantise, and the 16-bit weights read after them
  kQuantKernels,      // kernels that quantise activations
  kKernelEfficiency,  // another kernel family for the matrix products, at the same bytes
  kHostDispatch,      // host time of launches and calls, synchronisations, graphs
  kOtherKernels,      // attention, KV format, small kernels, operators that only one side has
  kTokenInflation,    // more tokens
  kGaps,              // energy: the board while no kernel runs
  kAccuracy           // energy a right answer: fewer right answers
};
inline constexpr std::size_t kCauseCount = 9;
inline constexpr std::size_t kReplayedCauses = 7;  // those before kGaps

/// "weight_bytes", "dequant_traffic", "quant_kernels", "kernel_efficiency", "host_dispatch", "other_kernels",
/// "token_inflation", "gaps", "accuracy"
[[nodiscard]] constexpr std::string_view to_text(Cause cause) {
  constexpr std::string_view kNames[] = {
      "weight_bytes",  "dequant_traffic", "quant_kernels", "kernel_efficiency", "host_dispatch",
      "other_kernels", "token_inflation", "gaps",          "accuracy"};
  return kNames[static_cast<std::size_t>(cause)];
}

using Parts = std::array<double, kCauseCount>;  // by Cause; 0 where a cause does not apply

/// more_gpus and parts sum to q - anchor.
struct Decomposition {
  double anchor = 0;
  double q = 0;
  double more_gpus = 0;  // of 16 bit on q's number of GPUs, over its own
  Parts parts{};

  [[nodiscard]] double total() const { return q - anchor; }
};

struct Explanation {
  Decomposition latency_s;
  Decomposition energy_j;
  Parts gap_parts_j{};                         // of the energy's gaps, by replayed cause
  std::optional<Decomposition> j_per_correct;  // where both accuracies are known
  std::vector<std::string> unmatched;          // operators that only one side has, in other_kernels
};

/// The steps between a stack and its anchor. A subset of the replayed causes is on q's side: bit i for cause
/// i. Requires that the GPU has the kernels of both sides; memory is not looked at.
class Mixtures {
 public:
  /// What is given must outlive this.
  Mixtures(const cost::StepCoster& coster, const Workload& q, const spec::StackSpec& anchor, int gpus = 1);

  [[nodiscard]] replay::Totals replay(std::size_t subset, const replay::Engine& engine);
  /// Operators of a decode step that only one side has.
  [[nodiscard]] std::vector<std::string> unmatched() { return step(1).unmatched(); }

 private:
  const lowering::JoinedStep& step(int new_tokens, int width = 1);

  const cost::StepCoster& coster_;
  const Workload& q_;
  const spec::StackSpec& anchor_;
  int gpus_;
  spec::ChainSpec anchor_chain_, q_chain_;
  std::map<std::pair<int, int>, lowering::JoinedStep> steps_;  // by new tokens and width
};

/// The same requirements.
[[nodiscard]] Explanation explain(const Machine& machine, const cost::StepCoster& coster, const Workload& q,
                                  const spec::StackSpec& anchor, const replay::Engine& engine,
                                  RunsOn gpus = {});

}  // namespace hopsim::metrics
