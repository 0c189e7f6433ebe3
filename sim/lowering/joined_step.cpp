// SPDX-License-Identifier: Apache-2.0
#include "lowering/joined_step.hpp"

#include <algorithm>
#include <utility>

#include "base/errors.hpp"

namespace hopsim::lowering {

namespace {

using Calls = std::vector<Call>;
using JoinedCalls = std::vector<JoinedCall>;
using Role = JoinedCall::Role;

constexpr double kBytes16 = 2;

// Merges two sequences in order: action(a, b) with the next elements that have the same key, or with one of
// them and nullptr.
template <class T, class Key, class Action>
void merge(const std::vector<T>& a, const std::vector<T>& b, const Key& key, const Action& action) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && key(a[i]) == key(b[j])) {
      action(&a[i++], &b[j++]);
      continue;
    }
    const bool comes_later = i < a.size() && std::any_of(b.begin() + static_cast<std::ptrdiff_t>(j), b.end(),
                                                         [&](const T& x) { return key(x) == key(a[i]); });
    if (i < a.size() && !comes_later) {
      action(&a[i++], nullptr);
    } else {
      action(nullptr, &b[j++]);
    }
  }
}

auto is_product(const Call& call) -> bool {
  const KernelClass c = call.cls;
  return call.is_kernel() && call.n > 0 && call.k > 0 &&
         (c == KernelClass::kGemm || c == KernelClass::kGemv || c == KernelClass::kLmHead);
}

// The one product of an operator; the end where there is none or several.
auto only_product(const Calls& calls) {
  const auto first = std::find_if(calls.begin(), calls.end(), is_product);
  return std::count_if(calls.begin(), calls.end(), is_product) == 1 ? first : calls.end();
}

auto role_of(const Call& call) -> Role {
  if (!call.is_kernel()) {
    return Role::kHost;
  }
  return call.cls == KernelClass::kDequant ? Role::kDequant
         : call.cls == KernelClass::kQuant ? Role::kQuant
                                           : Role::kOther;
}

// One list an operator, each call once a launch.
auto operators(const Calls& calls) -> std::vector<Calls> {
  std::vector<Calls> out;
  for (const Call& call : calls) {
    if (out.empty() || out.back().front().op != call.op) {
      out.emplace_back();
    }
    Call one = call;
    one.count = 1;
    out.back().insert(out.back().end(), static_cast<std::size_t>(call.count), one);
  }
  return out;
}

void pair_up(const Calls& anchor, const Calls& q, bool matched, JoinedCalls& out) {
  // A synchronisation pairs with nothing but a synchronisation.
  const auto key = [](const Call& call) {
    return std::pair{role_of(call), call.is_kernel() ? Call::Kind::kKernel : call.kind};
  };
  merge(anchor, q, key, [&](const Call* a, const Call* b) {
    JoinedCall one;
    one.role = role_of(a != nullptr ? *a : *b);
    one.matched = matched;
    one.anchor = a != nullptr ? std::optional(*a) : std::nullopt;
    one.q = b != nullptr ? std::optional(*b) : std::nullopt;
    out.push_back(std::move(one));
  });
}

class Joiner {
 public:
  Joiner(double stored_bytes_per_weight, const std::function<double(const Call&)>& timed_bytes)
      : stored_bytes_per_weight_(stored_bytes_per_weight), timed_bytes_(timed_bytes) {}

  [[nodiscard]] auto block(const Calls& anchor, const Calls& q) const -> JoinedCalls {
    JoinedCalls out;
    const auto name = [](const Calls& calls) -> const std::string& { return calls.front().op; };
    merge(operators(anchor), operators(q), name, [&](const Calls* a, const Calls* b) {
      if (a != nullptr && b != nullptr) {
        join_operator(*a, *b, out);
      } else {
        pair_up(a != nullptr ? *a : Calls{}, b != nullptr ? *b : Calls{}, false, out);
      }
    });
    return out;
  }

 private:
  void join_operator(const Calls& anchor, const Calls& q, JoinedCalls& out) const {
    const auto a = only_product(anchor);
    const auto b = only_product(q);
    if (a == anchor.end() || b == q.end() || a->n != b->n || a->k != b->k || a->rows != b->rows) {
      pair_up(anchor, q, true, out);
      return;
    }
    pair_up({anchor.begin(), a}, {q.begin(), b}, true, out);
    const bool dequantised =
        std::any_of(q.begin(), b, [](const Call& call) { return role_of(call) == Role::kDequant; });
    out.push_back(product(*a, *b, dequantised));
    pair_up({a + 1, anchor.end()}, {b + 1, q.end()}, true, out);
  }

  [[nodiscard]] auto product(const Call& anchor, const Call& q, bool dequantised) const -> JoinedCall {
    JoinedCall out;
    out.role = Role::kProduct;
    out.anchor = anchor;
    out.q = q;
    out.anchor_bytes = {timed_bytes_(anchor), anchor.bytes.at_zero};
    out.q_bytes = out.stored_bytes = {timed_bytes_(q), q.bytes.at_zero};
    const double weights = q.n * q.k;
    if (dequantised && out.q_bytes.timed >= kBytes16 * weights) {
      const double widened = (kBytes16 - stored_bytes_per_weight_) * weights;
      out.stored_bytes.timed -= widened;
      out.stored_bytes.stated = std::max(0.0, out.stored_bytes.stated - widened);
    }
    return out;
  }

  double stored_bytes_per_weight_;
  const std::function<double(const Call&)>& timed_bytes_;
};

auto mixed_product(const JoinedCall& joined, const Sides& sides) -> Call {
  Call out = sides.family ? *joined.q : *joined.anchor;
  const ProductBytes& own = sides.family ? joined.q_bytes : joined.anchor_bytes;
  const ProductBytes& moved = !sides.weight_bytes ? joined.anchor_bytes
                              : sides.dequant     ? joined.q_bytes
                                                  : joined.stored_bytes;
  if (moved.timed != own.timed || moved.stated != own.stated) {
    out.product_bytes = moved.timed;
    out.bytes = {moved.stated, 0};
  }
  return out;
}

auto kernel_of(const JoinedCall& joined, const Sides& sides) -> std::optional<Call> {
  switch (joined.role) {
    case Role::kProduct:
      return mixed_product(joined, sides);
    case Role::kDequant:
      return sides.dequant ? joined.q : joined.anchor;
    case Role::kQuant:
      return sides.quant ? joined.q : joined.anchor;
    case Role::kOther:
      return sides.other ? joined.q : joined.anchor;
    case Role::kHost:
      return std::nullopt;
  }
  throw InternalError("unknown role of a call");
}

void append(const JoinedCall& joined, const Sides& sides, Calls& out) {
  const std::optional<Call>& host = sides.host ? joined.q : joined.anchor;
  if (joined.role == Role::kHost) {
    if (host) {
      out.push_back(*host);
    }
    return;
  }
  std::optional<Call> kernel = kernel_of(joined, sides);
  const bool launched = host && host->kind == Call::Kind::kKernel;
  if (kernel) {
    kernel->kind = launched ? Call::Kind::kKernel : Call::Kind::kGraphNode;
    kernel->dispatch_us = launched ? host->dispatch_us : 0;
    out.push_back(*std::move(kernel));
  } else if (launched) {
    Call work;
    work.kind = Call::Kind::kHostWork;
    work.op = host->op;
    work.name = host->name;
    work.dispatch_us = host->dispatch_us;
    out.push_back(std::move(work));
  }
}

}  // namespace

JoinedStep joined(const StepWork& anchor, const StepWork& q, double stored_bytes_per_weight,
                  const std::function<double(const Call&)>& timed_bytes) {
  HOPSIM_CHECK(anchor.layers == q.layers, "two lowerings of one model have equally many layers");
  const Joiner joiner(stored_bytes_per_weight, timed_bytes);
  JoinedStep out;
  out.anchor_attention = anchor.attention;
  out.q_attention = q.attention;
  out.layers = anchor.layers;
  out.prologue = joiner.block(anchor.prologue, q.prologue);
  out.layer = joiner.block(anchor.layer, q.layer);
  out.epilogue = joiner.block(anchor.epilogue, q.epilogue);
  return out;
}

StepWork JoinedStep::step(const Sides& sides) const {
  StepWork out;
  out.attention = sides.other ? q_attention : anchor_attention;
  out.layers = layers;
  const auto fill = [&](const JoinedCalls& joined, Calls& calls) {
    for (const JoinedCall& one : joined) {
      append(one, sides, calls);
    }
  };
  fill(prologue, out.prologue);
  fill(layer, out.layer);
  fill(epilogue, out.epilogue);
  return out;
}

std::vector<std::string> JoinedStep::unmatched() const {
  std::vector<std::string> out;
  for (const auto* block : {&prologue, &layer, &epilogue}) {
    for (const JoinedCall& one : *block) {
      const std::string& op = (one.anchor ? one.anchor : one.q)->op;
      if (!one.matched && one.role != Role::kHost && std::find(out.begin(), out.end(), op) == out.end()) {
        out.push_back(op);
      }
    }
  }
  return out;
}

}  // namespace hopsim::lowering
