// SPDX-License-Identifier: Apache-2.0
// Lowering: model x stack x batch x new tokens -> what one forward pass does, before anything is known about
// the GPU. A layer is stored once with its repeat count. Work that grows with the context is kept as an
// affine function of it, so that one lowering serves every decode step of a chain.
//
// Over several GPUs the step is that of one of them (lowering/split.hpp). A linear layer whose inputs are
// split gives partial sums: an all-reduce of its outputs follows, after attention and after the feed-forward
// part, and so it does after the embedding. Split outputs of the epilogue, the logits, are gathered: every
// rank samples.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/kernel_class.hpp"
#include "spec/model.hpp"
#include "spec/stack.hpp"

namespace hopsim::lowering {

/// value(ctx) = at_zero + slope * ctx, ctx in tokens.
struct Affine {
  double at_zero = 0;
  double slope = 0;
  [[nodiscard]] double at(double ctx) const { return at_zero + slope * ctx; }
  friend bool operator==(const Affine&, const Affine&) = default;
};

/// What kernels of class `collective` move: 16-bit values, summed over the ranks or put together.
struct Collective {
  enum class Kind { kAllReduce, kAllGather };

  Kind kind = Kind::kAllReduce;
  int ranks = 1;
  double bytes = 0;  // of the result
};

/// One kernel launch (or `count` equal ones in a row), or a synchronisation.
struct Call {
  enum class Kind { kKernel, kGraphLaunch, kGraphNode, kHostWork, kSync };

  Kind kind = Kind::kKernel;
  std::string op;
  std::string name;
  KernelClass cls = KernelClass::kOther;
  std::string family;
  double rows = 1;  // m of the operator
  double n = 0;     // linear layers: outputs and inputs
  double k = 0;
  bool input_quantised = false;   // by a kernel before it, of the same operator
  bool decode_attention = false;  // one new token a sequence attends to ctx others
  Affine bytes;                   // through device memory
  Affine flops;                   // on tensor cores
  Affine elements;                // converted by ALUs
  // Matrix products: bytes that set the time, in place of those of the family's number format.
  std::optional<double> product_bytes;
  Collective collective;
  int count = 1;
  double dispatch_us = 0;  // host time of each, at host speed 1

  [[nodiscard]] bool is_kernel() const { return kind == Kind::kKernel || kind == Kind::kGraphNode; }
};

/// Sizes that the attention of a step has in common.
struct AttentionSizes {
  double heads = 0, kv_heads = 0, head_dim = 0, kv_element_bytes = 0;
};

struct StepWork {
  AttentionSizes attention;
  std::vector<Call> prologue;
  std::vector<Call> layer;
  int layers = 1;
  std::vector<Call> epilogue;  // ends in a synchronisation: the tokens are needed on the host
};

/// Kernel family of the GPU profile that times collectives.
inline constexpr const char* kCollectiveFamily = "collective";

/// The forward pass of `new_tokens` tokens for each of `batch` sequences; new_tokens == 1 is a decode step.
/// Requires that `gpus` can share the model (split_obstacle).
/// Throws InputError (at the stack file's expression) for work that is negative, not finite, or not affine in
/// ctx.
[[nodiscard]] StepWork lower_step(const spec::ModelSpec& model, const spec::StackSpec& stack, int batch,
                                  int new_tokens, int gpus = 1);

}  // namespace hopsim::lowering
