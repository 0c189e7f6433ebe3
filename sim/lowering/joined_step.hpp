// SPDX-License-Identifier: Apache-2.0
// Two lowerings of one step, a 16-bit anchor's and a stack q's, joined call by call, so that steps in between
// can be made which take each ingredient from either side. With every ingredient from one side, the step is
// that side's own, call for call.
//
// Operators are joined by name and order, the calls of an operator by what they are. A matrix product has two
// ingredients, its bytes and its kernel family, where both sides have exactly one, of the same shape, in the
// operator. Casting kernels are their own ingredients wherever they stand. Everything else, operators that
// only one side has included (fused against unfused), is `other`. What the host pays for an operator is taken
// from one side as a whole: a launch whose kernel comes from the other side or not at all still costs its
// time, and a kernel without a launch of its own follows the kernel before it on the stream, as in a graph.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lowering/step_work.hpp"

namespace hopsim::lowering {

/// Which side each ingredient comes from: false the anchor's, true q's.
struct Sides {
  bool weight_bytes = false;  // bytes of matrix products. With `dequant` not yet q's: as if q's product read
                              // the weights as they are stored
  bool dequant = false;       // dequantising kernels, and the 16-bit weights that a product reads after them
  bool quant = false;         // kernels that quantise activations
  bool family = false;        // kernel family, flops and in-kernel conversion of matrix products
  bool host = false;          // launches, graph launches, host work, synchronisations
  bool other = false;         // all other kernels; sizes of the attention
};

/// Bytes of a matrix product: those that set its time, and those that its stack states.
struct ProductBytes {
  double timed = 0, stated = 0;
};

/// A call of either side, or a pair of calls that stand for each other.
struct JoinedCall {
  enum class Role { kProduct, kDequant, kQuant, kOther, kHost };

  Role role = Role::kOther;
  bool matched = true;  // both sides have the operator
  std::optional<Call> anchor, q;
  ProductBytes anchor_bytes, q_bytes;  // products only
  ProductBytes stored_bytes;           // q's, with the weights as they are stored
};

struct JoinedStep {
  AttentionSizes anchor_attention, q_attention;
  int layers = 1;
  std::vector<JoinedCall> prologue, layer, epilogue;

  [[nodiscard]] StepWork step(const Sides& sides) const;
  /// Operators with kernels that only one side has, each once.
  [[nodiscard]] std::vector<std::string> unmatched() const;
};

/// Requires equally many layers. `stored_bytes_per_weight` is q's; `timed_bytes` gives the bytes of a matrix
/// product as its kernel family counts them.
[[nodiscard]] JoinedStep joined(const StepWork& anchor, const StepWork& q, double stored_bytes_per_weight,
                                const std::function<double(const Call&)>& timed_bytes);

}  // namespace hopsim::lowering
