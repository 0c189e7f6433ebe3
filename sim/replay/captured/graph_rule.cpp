// SPDX-License-Identifier: Apache-2.0
// Inside one graph launch the order and the gaps belong to the graph: a node follows the node that ended last
// before it started, on whatever stream, at the captured distance. Its first node is launched like a kernel.
#include <algorithm>
#include <set>

#include "replay/captured/draft.hpp"

namespace hopsim::replay::captured {

namespace {

void add_node(Draft& draft, std::size_t first, std::size_t i,
              const std::set<std::pair<std::int64_t, std::size_t>>& ended) {
  const Program& program = draft.program;
  const Op& op = draft.op(i);
  const auto after = ended.lower_bound({op.start_ns + 1, 0});
  const std::size_t cause = after == ended.begin() ? kNowhere : std::prev(after)->second;
  if (cause == kNowhere) {
    draft.add(program.op_start(first), program.op_start(i), 0, op.start_ns - draft.op(first).start_ns,
              Rule::kGraph);
  } else {
    draft.add(program.op_end(cause), program.op_start(i), 0, op.start_ns - draft.op(cause).end_ns,
              Rule::kGraph);
  }
  if (op.before == kNowhere || op.before == cause) {
    return;
  }
  const Op& before = draft.op(op.before);
  if (before.end_ns <= op.start_ns) {
    draft.add(program.op_end(op.before), program.op_start(i), 0, 0, Rule::kStreamOrder);
  } else {
    draft.add(program.op_start(op.before), program.op_start(i), 0, op.start_ns - before.start_ns,
              Rule::kGraph);
  }
}

}  // namespace

void add_graph_edges(Draft& draft) {
  for (const Call& call : draft.program.calls) {
    if (call.ops.size() < 2) {
      continue;
    }
    std::set<std::pair<std::int64_t, std::size_t>> ended;  // by end
    for (const std::size_t i : call.ops) {
      if (draft.op(i).graph_node) {
        add_node(draft, call.ops.front(), i, ended);
      }
      ended.insert({draft.op(i).end_ns, i});
    }
  }
}

}  // namespace hopsim::replay::captured
