// SPDX-License-Identifier: Apache-2.0
#include "spec/chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <cmath>
#include <map>
#include <queue>

#include "base/text.hpp"
#include "io/object_reader.hpp"
#include "spec/library.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;

constexpr int kMaxTokens = 10'000'000;
constexpr int kMaxHops = 10'000;

// Order by (everything before it is done, given position): topological and stable.
auto stable_order(const std::vector<HopSpec>& hops, const Location& where) -> std::vector<std::size_t> {
  Graph graph(hops.size());
  for (std::size_t i = 0; i < hops.size(); ++i) {
    for (const std::size_t before : hops[i].after) {
      boost::add_edge(before, i, graph);
    }
  }
  try {
    std::vector<std::size_t> any;
    boost::topological_sort(graph, std::back_inserter(any));
  } catch (const boost::not_a_dag&) {
    throw InputError(where, "the hops run in a circle", "a hop comes after hops that don't wait for it");
  }
  std::vector<std::size_t> waits(hops.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    waits[i] = in_degree(i, graph);
    if (waits[i] == 0) {
      ready.push(i);
    }
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    order.push_back(next);
    for (const auto edge : boost::make_iterator_range(out_edges(next, graph))) {
      if (--waits[target(edge, graph)] == 0) {
        ready.push(target(edge, graph));
      }
    }
  }
  return order;
}

// A hop and those whose cache it continues, ascending.
auto with_ancestors(const std::vector<HopSpec>& hops, std::size_t hop) -> std::vector<std::size_t> {
  std::vector<std::size_t> out;
  for (auto i = static_cast<std::ptrdiff_t>(hop); i >= 0; i = hops[static_cast<std::size_t>(i)].continues) {
    out.push_back(static_cast<std::size_t>(i));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

void derive_context(std::vector<HopSpec>& hops, std::size_t i, const Location& where) {
  HopSpec& hop = hops[i];
  const auto end_of = [&](std::size_t p) {
    return hops[p].context_before + hops[p].prefill_tokens + hops[p].decode_tokens - 1;
  };
  std::int64_t prefill = hop.prompt_tokens;
  hop.context_before = 0;
  if (!hop.after.empty()) {
    const std::size_t longest =
        *std::max_element(hop.after.begin(), hop.after.end(),
                          [&](std::size_t a, std::size_t b) { return end_of(a) < end_of(b); });
    hop.context_before = end_of(longest);
    hop.continues = static_cast<std::ptrdiff_t>(longest);
    const std::vector<std::size_t> known = with_ancestors(hops, longest);
    // The last token decoded before has no entry in the KV cache yet: it enters with this hop's prefill.
    prefill += 1;
    for (const std::size_t p : hop.after) {
      // What the longest branch itself went through is in its context already.
      prefill += std::binary_search(known.begin(), known.end(), p) ? 0 : hops[p].decode_tokens;
    }
  }
  if (prefill < 1) {
    throw InputError(where, fmt::format("hop '{}' has nothing to prefill", hop.id),
                     "a first hop needs prompt_tokens >= 1");
  }
  if (hop.context_before + prefill + hop.decode_tokens > kMaxTokens) {
    throw InputError(where, fmt::format("hop '{}' has a context above {} tokens", hop.id, kMaxTokens));
  }
  hop.prefill_tokens = static_cast<int>(prefill);
}

auto read_hop(const io::Value& value, Findings& findings) -> std::pair<HopSpec, std::vector<std::string>> {
  io::ObjectReader reader(value, findings);
  HopSpec hop;
  hop.id = reader.text("id");
  std::vector<std::string> after = reader.has("after") ? reader.texts("after") : std::vector<std::string>{};
  hop.prompt_tokens = static_cast<int>(reader.integer("prompt_tokens", 0, kMaxTokens));
  hop.decode_tokens = static_cast<int>(reader.integer("decode_tokens", 1, kMaxTokens));
  hop.pause_s = reader.optional_number("pause_s", {0, 1e6}).value_or(0);
  reader.finish();
  return {hop, after};
}

auto read_hops(const io::Value& list, Findings& findings) -> std::vector<HopSpec> {
  std::vector<HopSpec> hops;
  std::vector<std::vector<std::string>> after;
  std::vector<std::string> ids;
  if (list.kind != io::Value::Kind::kSequence || list.items.empty()) {
    findings.add(list.at, "hops must be a list with at least one hop, not " + list.describe());
    return hops;
  }
  for (const io::Value& item : list.items) {
    auto [hop, names] = read_hop(item, findings);
    if (std::find(ids.begin(), ids.end(), hop.id) != ids.end()) {
      findings.add(item.at, fmt::format("two hops are called '{}'", hop.id));
    }
    ids.push_back(hop.id);
    hops.push_back(std::move(hop));
    after.push_back(std::move(names));
  }
  for (std::size_t i = 0; i < hops.size(); ++i) {
    for (const std::string& name : after[i]) {
      const auto found = std::find(ids.begin(), ids.end(), name);
      if (found == ids.end()) {
        findings.add(list.items[i].at, fmt::format("hop '{}' comes after unknown hop '{}'", ids[i], name),
                     suggestion(name, ids));
      } else {
        const auto before = static_cast<std::size_t>(found - ids.begin());
        if (std::find(hops[i].after.begin(), hops[i].after.end(), before) != hops[i].after.end()) {
          findings.add(list.items[i].at, fmt::format("hop '{}' comes after '{}' twice", ids[i], name));
        }
        hops[i].after.push_back(before);
      }
    }
  }
  return hops;
}

struct ShapeFields {
  int prompt, next_prompt, decode;
  double pause;
};

auto read_shape_fields(io::ObjectReader& reader) -> ShapeFields {
  ShapeFields out{};
  out.prompt = static_cast<int>(reader.integer("prompt_tokens", 1, kMaxTokens));
  out.next_prompt = static_cast<int>(reader.integer("next_prompt_tokens", 0, kMaxTokens));
  out.decode = static_cast<int>(reader.integer("decode_tokens", 1, kMaxTokens));
  out.pause = reader.number("pause_s", {0, 1e6});
  return out;
}

auto hop_of(std::size_t index, const ShapeFields& fields) -> HopSpec {
  HopSpec hop;
  hop.id = fmt::format("h{}", index + 1);
  hop.prompt_tokens = index == 0 ? fields.prompt : fields.next_prompt;
  hop.decode_tokens = fields.decode;
  hop.pause_s = fields.pause;
  return hop;
}

// A root, then `branches` children of every hop, `depth` levels in all.
auto read_tree(const io::Value& value, Findings& findings) -> std::vector<HopSpec> {
  io::ObjectReader reader(value, findings);
  const auto depth = reader.integer("depth", 1, 12);
  const auto branches = reader.integer("branches", 1, 64);
  const ShapeFields fields = read_shape_fields(reader);
  reader.finish();
  std::vector<HopSpec> hops{hop_of(0, fields)};
  std::size_t level_begin = 0;
  for (std::int64_t level = 1; level < depth; ++level) {
    const std::size_t level_end = hops.size();
    for (std::size_t parent = level_begin; parent < level_end && hops.size() <= kMaxHops; ++parent) {
      for (std::int64_t b = 0; b < branches; ++b) {
        hops.push_back(hop_of(hops.size(), fields));
        hops.back().after = {parent};
      }
    }
    level_begin = level_end;
  }
  return hops;
}

// A root, `branches` hops after it, and one hop that joins them.
auto read_fan_in(const io::Value& value, Findings& findings) -> std::vector<HopSpec> {
  io::ObjectReader reader(value, findings);
  const auto branches = static_cast<std::size_t>(reader.integer("branches", 1, 1000));
  const ShapeFields fields = read_shape_fields(reader);
  reader.finish();
  std::vector<HopSpec> hops{hop_of(0, fields)};
  std::vector<std::size_t> middle;
  for (std::size_t b = 0; b < branches; ++b) {
    middle.push_back(hops.size());
    hops.push_back(hop_of(hops.size(), fields));
    hops.back().after = {0};
  }
  hops.push_back(hop_of(hops.size(), fields));
  hops.back().after = middle;
  return hops;
}

auto read_line(const io::Value& value, Findings& findings) -> std::vector<HopSpec> {
  io::ObjectReader reader(value, findings);
  const auto count = reader.integer("hops", 1, kMaxHops);
  const ShapeFields fields = read_shape_fields(reader);
  reader.finish();
  return line_chain(static_cast<int>(count), fields.prompt, fields.next_prompt, fields.decode, fields.pause)
      .hops;
}

}  // namespace

double ChainSpec::decode_tokens() const {
  double sum = 0;
  for (const HopSpec& hop : hops) {
    sum += hop.decode_tokens;
  }
  return sum;
}

int ChainSpec::max_context() const {
  int longest = 0;
  for (const HopSpec& hop : hops) {
    longest = std::max(longest, hop.context_before + hop.prefill_tokens + hop.decode_tokens);
  }
  return longest;
}

int ChainSpec::peak_cache_tokens() const {
  std::vector<std::size_t> needed_until(hops.size());
  for (std::size_t i = hops.size(); i-- > 0;) {
    needed_until[i] = std::max(needed_until[i], i);
    if (hops[i].continues >= 0) {
      std::size_t& parent = needed_until[static_cast<std::size_t>(hops[i].continues)];
      parent = std::max(parent, needed_until[i]);
    }
  }
  std::vector<int> released(hops.size() + 1);
  int live = 0;
  int peak = 0;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const int own = hops[i].prefill_tokens + hops[i].decode_tokens;
    live += own - released[i];
    released[needed_until[i] + 1] += own;
    peak = std::max(peak, live);
  }
  return peak;
}

ChainSpec make_chain(ChainSpec chain, const Location& where) {
  if (chain.hops.empty() || chain.hops.size() > kMaxHops) {
    throw InputError(where, fmt::format("a chain of {} hops", chain.hops.size()),
                     fmt::format("allowed: 1 to {}", kMaxHops));
  }
  const std::vector<std::size_t> order = stable_order(chain.hops, where);
  std::vector<std::size_t> position(order.size());
  std::vector<HopSpec> sorted;
  for (std::size_t i = 0; i < order.size(); ++i) {
    position[order[i]] = i;
    sorted.push_back(chain.hops[order[i]]);
  }
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t& before : sorted[i].after) {
      before = position[before];
    }
    derive_context(sorted, i, where);
  }
  chain.hops = std::move(sorted);
  return chain;
}

ChainSpec line_chain(int hops, int prompt_tokens, int next_prompt_tokens, int decode_tokens, double pause_s) {
  ChainSpec chain;
  chain.name = fmt::format("line-{}x{}", hops, decode_tokens);
  chain.title = fmt::format("{} hops in a row, {} tokens each", hops, decode_tokens);
  const ShapeFields fields{prompt_tokens, next_prompt_tokens, decode_tokens, pause_s};
  for (int i = 0; i < hops; ++i) {
    const auto index = static_cast<std::size_t>(i);
    chain.hops.push_back(hop_of(index, fields));
    if (i > 0) {
      chain.hops.back().after = {index - 1};
    }
  }
  return make_chain(std::move(chain), Location{});
}

ChainSpec inflated(const ChainSpec& chain, double factor) {
  if (factor == 1) {
    return chain;
  }
  ChainSpec out = chain;
  for (HopSpec& hop : out.hops) {
    hop.decode_tokens = std::max(1, static_cast<int>(std::lround(hop.decode_tokens * factor)));
  }
  return make_chain(std::move(out), Location{});
}

ChainSpec load_chain(const std::string& path) { return read_chain(load_extended(path)); }

ChainSpec read_chain(const io::Value& document) {
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "chain");
  ChainSpec out;
  out.name = reader.text("name");
  out.title = reader.text("title");
  io::ObjectReader accuracy(reader.child("accuracy_16bit"), findings);
  out.accuracy_16bit = accuracy.number("value", {1e-3, 1});
  static_cast<void>(read_source(accuracy));
  accuracy.finish();
  out.source = read_source(reader);
  const io::Value* hops = reader.optional_child("hops");
  const io::Value* line = reader.optional_child("line");
  const io::Value* tree = reader.optional_child("tree");
  const io::Value* fan_in = reader.optional_child("fan_in");
  if ((hops != nullptr) + (line != nullptr) + (tree != nullptr) + (fan_in != nullptr) != 1) {
    findings.add(document.at, "a chain has exactly one of: hops, line, tree, fan_in");
  } else {
    out.hops = hops != nullptr   ? read_hops(*hops, findings)
               : line != nullptr ? read_line(*line, findings)
               : tree != nullptr ? read_tree(*tree, findings)
                                 : read_fan_in(*fan_in, findings);
  }
  reader.finish();
  findings.throw_if_any();
  return make_chain(std::move(out), document.at);
}

}  // namespace hopsim::spec
