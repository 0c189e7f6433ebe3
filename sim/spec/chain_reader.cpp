// SPDX-License-Identifier: Apache-2.0
// Chain files: strict reading of `hopsim: chain/1`.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "io/object_reader.hpp"
#include "spec/chain.hpp"
#include "spec/library.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

namespace {

auto read_reprefill(io::ObjectReader& reader) -> bool {
  return reader.has("kv") && reader.choice("kv", {"reuse", "reprefill"}) == 1;
}

// A number of tokens, or a distribution of it: {mean, cv, loop_share, cap_tokens}.
struct DecodeTokens {
  int tokens = 1;
  std::optional<TokenDistribution> distribution;
};

auto read_decode_tokens(io::ObjectReader& reader, Findings& findings) -> DecodeTokens {
  DecodeTokens out;
  const io::Value& value = reader.child("decode_tokens");
  if (value.kind != io::Value::Kind::kMapping) {
    out.tokens = static_cast<int>(reader.integer("decode_tokens", 1, kMaxContextTokens));
    return out;
  }
  io::ObjectReader fields(value, findings);
  TokenDistribution d;
  d.mean = fields.number("mean", {1, kMaxContextTokens});
  d.cv = fields.number("cv", {0, 10});
  d.loop_share = fields.number("loop_share", io::kFraction);
  d.cap_tokens = static_cast<int>(fields.integer("cap_tokens", 1, kMaxContextTokens));
  fields.finish();
  out.tokens = expected_tokens(d);
  out.distribution = d;
  return out;
}

auto read_hop(const io::Value& value, Findings& findings) -> std::pair<HopSpec, std::vector<std::string>> {
  io::ObjectReader reader(value, findings);
  HopSpec hop;
  hop.id = reader.text("id");
  std::vector<std::string> after = reader.has("after") ? reader.texts("after") : std::vector<std::string>{};
  hop.prompt_tokens = static_cast<int>(reader.integer("prompt_tokens", 0, kMaxContextTokens));
  const DecodeTokens decode = read_decode_tokens(reader, findings);
  hop.decode_tokens = decode.tokens;
  hop.distribution = decode.distribution;
  hop.pause_s = reader.optional_number("pause_s", {0, 1e6}).value_or(0);
  hop.reprefill = read_reprefill(reader);
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
  int prompt, next_prompt;
  DecodeTokens decode;
  double pause;
  bool reprefill = false;
};

auto read_shape_fields(io::ObjectReader& reader, Findings& findings) -> ShapeFields {
  ShapeFields out{};
  out.prompt = static_cast<int>(reader.integer("prompt_tokens", 1, kMaxContextTokens));
  out.next_prompt = static_cast<int>(reader.integer("next_prompt_tokens", 0, kMaxContextTokens));
  out.decode = read_decode_tokens(reader, findings);
  out.pause = reader.number("pause_s", {0, 1e6});
  out.reprefill = read_reprefill(reader);
  return out;
}

auto hop_of(std::size_t index, const ShapeFields& fields) -> HopSpec {
  HopSpec hop;
  hop.id = fmt::format("h{}", index + 1);
  hop.prompt_tokens = index == 0 ? fields.prompt : fields.next_prompt;
  hop.decode_tokens = fields.decode.tokens;
  hop.distribution = fields.decode.distribution;
  hop.pause_s = fields.pause;
  hop.reprefill = fields.reprefill;
  return hop;
}

// A root, then `branches` children of every hop, `depth` levels in all.
auto read_tree(const io::Value& value, Findings& findings) -> std::vector<HopSpec> {
  io::ObjectReader reader(value, findings);
  const auto depth = reader.integer("depth", 1, 12);
  const auto branches = reader.integer("branches", 1, 64);
  const ShapeFields fields = read_shape_fields(reader, findings);
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
  const ShapeFields fields = read_shape_fields(reader, findings);
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
  const auto count = static_cast<std::size_t>(reader.integer("hops", 1, kMaxHops));
  const ShapeFields fields = read_shape_fields(reader, findings);
  reader.finish();
  std::vector<HopSpec> hops;
  for (std::size_t i = 0; i < count; ++i) {
    hops.push_back(hop_of(i, fields));
    if (i > 0) {
      hops.back().after = {i - 1};
    }
  }
  return hops;
}

}  // namespace

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
  out.accuracy_source = read_source(accuracy);
  accuracy.finish();
  out.benchmark = reader.optional_text("benchmark").value_or("");
  out.accuracy_compounds = reader.has("accuracy_compounds") && reader.flag("accuracy_compounds");
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
  ChainSpec longest = out;  // so that no draw of it is refused
  for (HopSpec& hop : longest.hops) {
    hop.decode_tokens = hop.distribution ? hop.distribution->cap_tokens : hop.decode_tokens;
  }
  static_cast<void>(make_chain(std::move(longest), document.at));
  return make_chain(std::move(out), document.at);
}

}  // namespace hopsim::spec
