// SPDX-License-Identifier: Apache-2.0
// A software stack: how a framework lowers a dense decoder to kernels at one precision. All of it is data
// (`hopsim: stack/1`): which kernels an operator launches, their class and family, operand bytes as
// expressions of the shapes, what the host pays for each call, and at which batch another path is taken.
//
// Expressions may use: m (rows of this operator: tokens in this step), batch, new (tokens a sequence in this
// step), ctx (tokens a sequence in the KV cache after this step), hidden, layers, heads, kv_heads, head_dim,
// ffn, vocab, qk_norm (0 or 1), kv_elem (bytes of a KV element), wb (bytes of a quantised weight with its
// scales), and inside `linears` also n (outputs) and k (inputs). Bytes, flops and elements must be affine in
// ctx.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/kernel_class.hpp"
#include "base/provenance.hpp"
#include "io/expression.hpp"
#include "io/value.hpp"
#include "spec/quality.hpp"

namespace hopsim::spec {

/// Position of each variable in the values handed to Expression::evaluate.
enum Variable : std::size_t {
  kVarM,
  kVarBatch,
  kVarNew,
  kVarCtx,
  kVarHidden,
  kVarLayers,
  kVarHeads,
  kVarKvHeads,
  kVarHeadDim,
  kVarFfn,
  kVarVocab,
  kVarQkNorm,
  kVarKvElem,
  kVarWb,
  kVarN,
  kVarK,
  kVariableCount
};
[[nodiscard]] const io::VariableNames& stack_variables();

/// One thing that the host thread does.
struct StackCall {
  enum class Kind { kKernel, kSync };

  Kind kind = Kind::kKernel;
  std::string name;
  KernelClass cls = KernelClass::kOther;
  std::string family;                      // kernel family of the GPU profile
  std::optional<io::Expression> bytes;     // kKernel: moved through device memory
  std::optional<io::Expression> flops;     // tensor flops; absent means 0
  std::optional<io::Expression> elements;  // elements that ALUs convert; absent means 0
  int count = 1;                           // launched that many times in a row
  double dispatch_us = 0;                  // host time a launch (or of the synchronising call) at speed 1
};

/// The first case whose condition holds is taken; the last case has none.
struct StackCase {
  std::optional<io::Expression> when;
  std::vector<StackCall> calls;
};

struct StackOperator {
  std::string op;
  std::optional<io::Expression> when;  // absent: always
  std::vector<StackCase> cases;        // own kernels, or
  std::string linear;                  // the name of an entry of `linears` with
  std::optional<io::Expression> n, k;  // these shapes
  std::optional<io::Expression> m;     // and rows, where they are not m
};

struct StackSpec {
  enum class Execution { kEager, kCudaGraph };

  std::string name;
  std::string title;
  std::string version;
  int bits = 16;
  std::string anchor;  // the 16-bit stack that this one is measured against
  Execution execution = Execution::kEager;

  double linear_bytes_per_weight = 2;  // scales and zero points included
  double kv_bytes_per_element = 2;
  double reserve_gb = 0;  // context, workspace, fragmentation
  Source memory_source;

  StackQuality quality;  // accuracy and token inflation

  std::optional<io::Expression> step_us;  // host work once a step at speed 1
  double sync_us = 0;                     // host time after a synchronisation returns
  double graph_launch_us = 0;  // host time of a graph launch (kCudaGraph: decode steps are one graph)
  Source host_source;

  std::map<std::string, std::vector<StackCase>> linears;
  std::vector<StackOperator> prologue, layer, epilogue;
};

/// Reads and checks a stack file, `extends:` resolved. Throws InputError with all findings.
[[nodiscard]] StackSpec load_stack(const std::string& path);
/// The same from a document whose `extends:` is resolved.
[[nodiscard]] StackSpec read_stack(const io::Value& document, ParsedFiles* parsed = nullptr);

/// Kernel families that a stack names, each once.
[[nodiscard]] std::set<std::string> families_of(const StackSpec& stack);

}  // namespace hopsim::spec
