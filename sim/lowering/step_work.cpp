// SPDX-License-Identifier: Apache-2.0
#include "lowering/step_work.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/errors.hpp"

namespace hopsim::lowering {

namespace {

using spec::StackCall;
using spec::StackCase;
using spec::StackOperator;
using spec::StackSpec;

constexpr double kFarContext = 1e7;  // no chain is longer

class Lowerer {
 public:
  Lowerer(const spec::ModelSpec& model, const StackSpec& stack, int batch, int new_tokens);

  [[nodiscard]] StepWork run();

 private:
  void append(const StackOperator& op, std::vector<Call>& out);
  void append(const StackOperator& op, const std::vector<StackCase>& cases, std::vector<Call>& out);
  [[nodiscard]] Call lowered(const StackOperator& op, const StackCall& call);
  [[nodiscard]] Affine affine(const std::optional<io::Expression>& expression);

  const StackSpec& stack_;
  int layers_;
  bool graph_;
  std::vector<double> values_;
  double least_ctx_;
};

Lowerer::Lowerer(const spec::ModelSpec& model, const StackSpec& stack, int batch, int new_tokens)
    : stack_(stack),
      layers_(model.layers),
      graph_(stack.execution == StackSpec::Execution::kCudaGraph && new_tokens == 1),
      values_(spec::kVariableCount, 0.0),
      least_ctx_(new_tokens) {
  values_[spec::kVarM] = static_cast<double>(batch) * new_tokens;
  values_[spec::kVarBatch] = batch;
  values_[spec::kVarNew] = new_tokens;
  values_[spec::kVarCtx] = new_tokens;
  values_[spec::kVarHidden] = model.hidden;
  values_[spec::kVarLayers] = model.layers;
  values_[spec::kVarHeads] = model.heads;
  values_[spec::kVarKvHeads] = model.kv_heads;
  values_[spec::kVarHeadDim] = model.head_dim;
  values_[spec::kVarFfn] = model.ffn;
  values_[spec::kVarVocab] = model.vocab;
  values_[spec::kVarQkNorm] = model.qk_norm ? 1 : 0;
  values_[spec::kVarKvElem] = stack.kv_bytes_per_element;
  values_[spec::kVarWb] = stack.linear_bytes_per_weight;
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

void Lowerer::append(const StackOperator& op, std::vector<Call>& out) {
  if (op.when && op.when->evaluate(values_) == 0) {
    return;
  }
  if (op.linear.empty()) {
    append(op, op.cases, out);
    return;
  }
  const double rows = values_[spec::kVarM];
  values_[spec::kVarN] = op.n->evaluate(values_);
  values_[spec::kVarK] = op.k->evaluate(values_);
  if (op.m) {
    values_[spec::kVarM] = op.m->evaluate(values_);
    if (values_[spec::kVarM] <= 0) {
      throw InputError(op.m->at(), fmt::format("m '{}' is not positive here", op.m->text()));
    }
  }
  append(op, stack_.linears.at(op.linear), out);
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

StepWork lower_step(const spec::ModelSpec& model, const spec::StackSpec& stack, int batch, int new_tokens) {
  HOPSIM_CHECK(batch >= 1 && new_tokens >= 1, "a step has at least one token");
  return Lowerer(model, stack, batch, new_tokens).run();
}

}  // namespace hopsim::lowering
