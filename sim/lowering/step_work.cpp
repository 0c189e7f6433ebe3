// SPDX-License-Identifier: Apache-2.0
#include "lowering/step_work.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/errors.hpp"
#include "lowering/split.hpp"

namespace hopsim::lowering {

namespace {

using spec::StackCall;
using spec::StackCase;
using spec::StackOperator;
using spec::StackSpec;

constexpr double kFarContext = 1e7;  // no chain is longer

void set_shapes(const spec::ModelSpec& model, std::vector<double>& values) {
  values[spec::kVarHidden] = model.hidden;
  values[spec::kVarLayers] = model.layers;
  values[spec::kVarHeads] = model.heads;
  values[spec::kVarKvHeads] = model.kv_heads;
  values[spec::kVarHeadDim] = model.head_dim;
  values[spec::kVarFfn] = model.ffn;
  values[spec::kVarVocab] = model.vocab;
  values[spec::kVarQkNorm] = model.qk_norm ? 1 : 0;
}

// What the host is assumed to pay for a collective: as much as for the first kernel of the stack that is no
// linear layer, the lookup of the embedding, one plain call of the framework.
auto plain_dispatch_us(const StackSpec& stack) -> double {
  for (const auto* block : {&stack.prologue, &stack.layer, &stack.epilogue}) {
    for (const StackOperator& op : *block) {
      if (!op.cases.empty() && !op.cases.back().calls.empty()) {
        return op.cases.back().calls.front().dispatch_us;
      }
    }
  }
  return 0;
}

class Lowerer {
 public:
  Lowerer(const spec::ModelSpec& model, const StackSpec& stack, int batch, int new_tokens, int gpus);

  [[nodiscard]] StepWork run();

 private:
  void append(const StackOperator& op, std::vector<Call>& out);
  void append(const StackOperator& op, const std::vector<StackCase>& cases, std::vector<Call>& out);
  [[nodiscard]] Call lowered(const StackOperator& op, const StackCall& call);
  [[nodiscard]] Affine affine(const std::optional<io::Expression>& expression);
  void append_linear(const StackOperator& op, std::vector<Call>& out);
  void append_collective(const std::string& op, Collective::Kind kind, double width, std::vector<Call>& out);

  const StackSpec& stack_;
  int gpus_;
  int layers_;
  bool graph_;
  bool in_epilogue_ = false;
  std::vector<double> values_;  // of one GPU
  std::vector<double> whole_;   // of the model
  double part_vocab_ = 0;
  double least_ctx_;
};

Lowerer::Lowerer(const spec::ModelSpec& model, const StackSpec& stack, int batch, int new_tokens, int gpus)
    : stack_(stack),
      gpus_(gpus),
      layers_(model.layers),
      graph_(stack.execution == StackSpec::Execution::kCudaGraph && new_tokens == 1),
      values_(spec::kVariableCount, 0.0),
      least_ctx_(new_tokens) {
  values_[spec::kVarM] = static_cast<double>(batch) * new_tokens;
  values_[spec::kVarBatch] = batch;
  values_[spec::kVarNew] = new_tokens;
  values_[spec::kVarCtx] = new_tokens;
  values_[spec::kVarKvElem] = stack.kv_bytes_per_element;
  values_[spec::kVarWb] = stack.linear_bytes_per_weight;
  whole_ = values_;
  set_shapes(model, whole_);
  const spec::ModelSpec part = part_of(model, gpus);
  set_shapes(part, values_);
  part_vocab_ = part.vocab;
  values_[spec::kVarVocab] = model.vocab;  // of the logits, which every rank samples from
}

// Three points decide whether an expression is affine in ctx; the least context is that of the step itself.
Affine Lowerer::affine(const std::optional<io::Expression>& expression) {
  if (!expression) {
    return {};
  }
  const double c0 = least_ctx_;
  const auto at = [&](double ctx) {
    values_[spec::kVarCtx] = ctx;
    return expression->evaluate(values_);
  };
  const double y0 = at(c0);
  if (y0 >= 0 && !expression->uses(spec::kVarCtx)) {
    return {y0, 0};
  }
  const double y1 = at(c0 + 1024);
  const double y2 = at(c0 + kFarContext);
  values_[spec::kVarCtx] = c0;
  const double slope = (y1 - y0) / 1024;
  if (y0 < 0 || slope < 0) {
    throw InputError(expression->at(), fmt::format("'{}' is negative or falls with ctx", expression->text()),
                     "work is >= 0 and never less for a longer context");
  }
  if (std::abs(y2 - (y0 + kFarContext * slope)) > 1e-9 * std::abs(y2)) {
    throw InputError(expression->at(), fmt::format("'{}' is not affine in ctx", expression->text()),
                     "allowed: a + b*ctx with a and b free of ctx");
  }
  return {y0 - slope * c0, slope};
}

Call Lowerer::lowered(const StackOperator& op, const StackCall& call) {
  Call out;
  out.op = op.op;
  out.name = call.name;
  out.cls = call.cls;
  out.dispatch_us = call.dispatch_us;
  if (call.kind == StackCall::Kind::kSync) {
    out.kind = Call::Kind::kSync;
    return out;
  }
  out.kind = graph_ ? Call::Kind::kGraphNode : Call::Kind::kKernel;
  if (graph_) {
    out.dispatch_us = 0;
  }
  out.family = call.family;
  out.rows = values_[spec::kVarM];
  out.n = values_[spec::kVarN];
  out.k = values_[spec::kVarK];
  out.decode_attention = call.cls == KernelClass::kAttention && values_[spec::kVarNew] == 1;
  out.bytes = affine(call.bytes);
  out.flops = affine(call.flops);
  out.elements = affine(call.elements);
  out.count = call.count;
  return out;
}

void Lowerer::append(const StackOperator& op, const std::vector<StackCase>& cases, std::vector<Call>& out) {
  for (const StackCase& one : cases) {
    if (one.when && one.when->evaluate(values_) == 0) {
      continue;
    }
    bool quantised = false;
    for (const StackCall& call : one.calls) {
      out.push_back(lowered(op, call));
      out.back().input_quantised = quantised;
      quantised = quantised || call.cls == KernelClass::kQuant;
    }
    return;
  }
  throw InternalError("a stack operator has no case that always holds");
}

void Lowerer::append_collective(const std::string& op, Collective::Kind kind, double width,
                                std::vector<Call>& out) {
  constexpr double kBytes16 = 2;
  const bool reduces = kind == Collective::Kind::kAllReduce;
  Call call;
  call.kind = graph_ ? Call::Kind::kGraphNode : Call::Kind::kKernel;
  call.name = reduces ? "all_reduce" : "all_gather";
  call.op = op + "_" + call.name;
  call.cls = KernelClass::kCollective;
  call.family = kCollectiveFamily;
  call.rows = values_[spec::kVarM];
  call.collective = {kind, gpus_, kBytes16 * call.rows * width};
  // Own part read, result written, and what peers read and write here: as much again at the most.
  call.bytes.at_zero = (reduces ? 4 : 2) * call.collective.bytes;
  call.dispatch_us = graph_ ? 0 : plain_dispatch_us(stack_);
  out.push_back(call);
}

void Lowerer::append(const StackOperator& op, std::vector<Call>& out) {
  if (op.when && op.when->evaluate(values_) == 0) {
    return;
  }
  if (!op.linear.empty()) {
    append_linear(op, out);
    return;
  }
  append(op, op.cases, out);
  if (gpus_ > 1 && !out.empty() && out.back().op == op.op && out.back().cls == KernelClass::kEmbedding) {
    append_collective(op.op, Collective::Kind::kAllReduce, whole_[spec::kVarHidden], out);
  }
}

void Lowerer::append_linear(const StackOperator& op, std::vector<Call>& out) {
  const double rows = values_[spec::kVarM];
  std::swap(values_[spec::kVarVocab], part_vocab_);
  values_[spec::kVarN] = op.n->evaluate(values_);
  values_[spec::kVarK] = op.k->evaluate(values_);
  std::swap(values_[spec::kVarVocab], part_vocab_);
  if (op.m) {
    values_[spec::kVarM] = op.m->evaluate(values_);
    if (values_[spec::kVarM] <= 0) {
      throw InputError(op.m->at(), fmt::format("m '{}' is not positive here", op.m->text()));
    }
  }
  append(op, stack_.linears.at(op.linear), out);
  if (gpus_ > 1) {
    const double outputs = op.n->evaluate(whole_);
    if (values_[spec::kVarK] < op.k->evaluate(whole_)) {
      append_collective(op.op, Collective::Kind::kAllReduce, outputs, out);
    } else if (in_epilogue_ && values_[spec::kVarN] < outputs) {
      append_collective(op.op, Collective::Kind::kAllGather, outputs, out);
    }
  }
  values_[spec::kVarM] = rows;
  values_[spec::kVarN] = values_[spec::kVarK] = 0;
}

StepWork Lowerer::run() {
  StepWork out;
  out.layers = layers_;
  out.attention = {values_[spec::kVarHeads], values_[spec::kVarKvHeads], values_[spec::kVarHeadDim],
                   values_[spec::kVarKvElem]};
  Call bookkeeping;
  bookkeeping.kind = Call::Kind::kHostWork;
  bookkeeping.op = bookkeeping.name = "step";
  bookkeeping.dispatch_us = stack_.step_us->evaluate(values_);
  if (bookkeeping.dispatch_us < 0) {
    throw InputError(stack_.step_us->at(),
                     fmt::format("step_us '{}' is negative here", stack_.step_us->text()));
  }
  out.prologue.push_back(bookkeeping);
  if (graph_) {
    Call launch;
    launch.kind = Call::Kind::kGraphLaunch;
    launch.op = launch.name = "graph_launch";
    launch.dispatch_us = stack_.graph_launch_us;
    out.prologue.push_back(launch);
  }
  constexpr std::size_t kManyCalls = 32;
  out.layer.reserve(kManyCalls);
  for (const StackOperator& op : stack_.prologue) {
    append(op, out.prologue);
  }
  for (const StackOperator& op : stack_.layer) {
    append(op, out.layer);
  }
  in_epilogue_ = true;
  for (const StackOperator& op : stack_.epilogue) {
    append(op, out.epilogue);
  }
  Call sync;
  sync.kind = Call::Kind::kSync;
  sync.cls = KernelClass::kSync;
  sync.op = sync.name = "step_sync";
  sync.dispatch_us = stack_.sync_us;
  out.epilogue.push_back(sync);
  return out;
}

}  // namespace

StepWork lower_step(const spec::ModelSpec& model, const spec::StackSpec& stack, int batch, int new_tokens,
                    int gpus) {
  HOPSIM_CHECK(batch >= 1 && new_tokens >= 1, "a step has at least one token");
  return Lowerer(model, stack, batch, new_tokens, gpus).run();
}

}  // namespace hopsim::lowering
