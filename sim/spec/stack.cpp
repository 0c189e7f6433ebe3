// SPDX-License-Identifier: Apache-2.0
#include "spec/stack.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.hpp"
#include "io/object_reader.hpp"
#include "spec/library.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

namespace {

constexpr io::Range kMicroseconds{0, 1e6};

class StackReader {
 public:
  StackReader(Findings& findings, ParsedFiles* parsed) : findings_(findings), parsed_(parsed) {}

  StackSpec read(const io::Value& document);

 private:
  std::optional<io::Expression> expression(io::ObjectReader& reader, std::string_view key, bool required);
  std::optional<io::Expression> fixed(io::ObjectReader& reader, std::string_view key, bool required);
  StackCall call(const io::Value& value);
  std::vector<StackCall> calls(const io::Value& list);
  std::vector<StackCase> cases(const io::Value& list);
  StackOperator stack_operator(const io::Value& value, const StackSpec& stack);
  std::vector<StackOperator> operators(io::ObjectReader& reader, std::string_view key,
                                       const StackSpec& stack);
  void memory(const io::Value& value, StackSpec& out);
  void quality(const io::Value& value, StackSpec& out);
  void host(const io::Value& value, StackSpec& out);

  Findings& findings_;
  ParsedFiles* parsed_;
};

std::optional<io::Expression> StackReader::expression(io::ObjectReader& reader, std::string_view key,
                                                      bool required) {
  if (!required && !reader.has(key)) {
    return std::nullopt;
  }
  const std::string text = reader.text(key);
  if (text.empty()) {
    return std::nullopt;
  }
  try {
    return io::Expression(text, stack_variables(), reader.child(key).at);
  } catch (const InputError& e) {
    for (const Finding& finding : e.findings()) {
      findings_.add(finding.where, finding.what, finding.allowed);
    }
    return std::nullopt;
  }
}

// An expression that is evaluated once for all contexts.
std::optional<io::Expression> StackReader::fixed(io::ObjectReader& reader, std::string_view key,
                                                 bool required) {
  std::optional<io::Expression> out = expression(reader, key, required);
  if (out && out->uses(kVarCtx)) {
    reader.complain(key, fmt::format("{} can't depend on ctx", key),
                    "only bytes, flops and elements grow with the context");
  }
  return out;
}

StackCall StackReader::call(const io::Value& value) {
  io::ObjectReader reader(value, findings_);
  StackCall out;
  out.name = reader.text("name");
  out.dispatch_us = reader.number("dispatch_us", kMicroseconds);
  if (reader.has("sync")) {
    if (!reader.flag("sync")) {
      reader.complain("sync", "sync is true or absent");
    }
    out.kind = StackCall::Kind::kSync;
    out.cls = KernelClass::kSync;
    reader.finish();
    return out;
  }
  static const std::vector<std::string> kClasses(kKernelClassNames.begin(), kKernelClassNames.end());
  out.cls = static_cast<KernelClass>(reader.choice("class", kClasses));
  out.family = reader.text("family");
  out.bytes = expression(reader, "bytes", true);
  out.flops = expression(reader, "flops", false);
  out.elements = expression(reader, "elements", false);
  out.count = reader.has("count") ? static_cast<int>(reader.integer("count", 1, 1000)) : 1;
  reader.finish();
  return out;
}

std::vector<StackCall> StackReader::calls(const io::Value& list) {
  std::vector<StackCall> out;
  if (list.kind != io::Value::Kind::kSequence || list.items.empty()) {
    findings_.add(list.at, "kernels must be a list with at least one entry");
    return out;
  }
  for (const io::Value& item : list.items) {
    out.push_back(call(item));
  }
  return out;
}

std::vector<StackCase> StackReader::cases(const io::Value& list) {
  std::vector<StackCase> out;
  if (list.kind != io::Value::Kind::kSequence || list.items.empty()) {
    findings_.add(list.at, "cases must be a list with at least one entry",
                  "allowed: - {when: ..., kernels: [...]}");
    return out;
  }
  for (const io::Value& item : list.items) {
    io::ObjectReader reader(item, findings_);
    StackCase one;
    const bool last = &item == &list.items.back();
    if (last == reader.has("when")) {
      findings_.add(item.at, last ? "the last case must hold always" : "only the last case may lack 'when'");
    }
    one.when = fixed(reader, "when", false);
    one.calls = calls(reader.child("kernels"));
    reader.finish();
    out.push_back(std::move(one));
  }
  return out;
}

StackOperator StackReader::stack_operator(const io::Value& value, const StackSpec& stack) {
  io::ObjectReader reader(value, findings_);
  StackOperator out;
  out.op = reader.text("op");
  out.when = fixed(reader, "when", false);
  if (reader.has("linear")) {
    std::vector<std::string> known;
    for (const auto& [name, ignored] : stack.linears) {
      known.push_back(name);
    }
    out.linear = reader.text("linear");
    if (!stack.linears.contains(out.linear)) {
      reader.complain("linear", fmt::format("no entry '{}' in linears", out.linear),
                      suggestion(out.linear, known));
    }
    out.n = fixed(reader, "n", true);
    out.k = fixed(reader, "k", true);
    out.m = fixed(reader, "m", false);
  } else if (reader.has("cases")) {
    out.cases = cases(reader.child("cases"));
  } else {
    out.cases.push_back({std::nullopt, calls(reader.child("kernels"))});
  }
  reader.finish();
  return out;
}

std::vector<StackOperator> StackReader::operators(io::ObjectReader& reader, std::string_view key,
                                                  const StackSpec& stack) {
  std::vector<StackOperator> out;
  const io::Value& list = reader.child(key);
  if (list.kind != io::Value::Kind::kSequence) {
    reader.complain(key, fmt::format("{} must be a list of operators, not {}", key, list.describe()));
    return out;
  }
  for (const io::Value& item : list.items) {
    out.push_back(stack_operator(item, stack));
  }
  return out;
}

void StackReader::memory(const io::Value& value, StackSpec& out) {
  io::ObjectReader reader(value, findings_);
  out.linear_bytes_per_weight = reader.number("linear_bytes_per_weight", {0.1, 8});
  out.kv_bytes_per_element = reader.number("kv_bytes_per_element", {0.1, 8});
  out.reserve_gb = reader.number("reserve_gb", {0, 100});
  out.memory_source = read_source(reader);
  reader.finish();
}

// `table` names a file relative to the one that it stands in; `accuracy_ratio: unknown` says that nobody
// measured. 16 bit is what the others are measured against, so it needs to state nothing.
void StackReader::quality(const io::Value& value, StackSpec& out) {
  io::ObjectReader reader(value, findings_);
  StackQuality& quality = out.quality;
  const io::Value* table = reader.optional_child("table");
  if (table != nullptr) {
    const std::filesystem::path folder = std::filesystem::path(table->at.file).parent_path();
    quality.table = load_quality((folder / reader.text("table")).lexically_normal().string(), parsed_);
    quality.borrowed = reader.has("borrowed") && reader.flag("borrowed");
  }
  const bool reference = out.bits == 16 && table == nullptr && value.fields.empty();
  const auto wanted = [&](std::string_view key) {
    return !reference && (table == nullptr || reader.has(key));
  };
  if (wanted("accuracy_ratio") && reader.child("accuracy_ratio").scalar == "unknown") {
    quality.table.accuracy.clear();  // of a table that was inherited
  } else if (wanted("accuracy_ratio")) {
    quality.accuracy_ratio = reader.number("accuracy_ratio", {1e-3, 2});
  }
  if (wanted("token_inflation")) {
    quality.token_inflation = reader.number("token_inflation", {1e-3, 100});
  }
  quality.source = {Provenance::kAssumed, "as given"};
  if (wanted("kind") || wanted("source")) {
    quality.source = read_source(reader);
  } else if (reference) {
    quality.accuracy_ratio = quality.token_inflation = 1;
    quality.source = {Provenance::kSpec, "16 bit, which others are measured against"};
  }
  reader.finish();
}

void StackReader::host(const io::Value& value, StackSpec& out) {
  io::ObjectReader reader(value, findings_);
  out.step_us = fixed(reader, "step_us", true);
  out.sync_us = reader.number("sync_us", kMicroseconds);
  out.graph_launch_us = reader.number("graph_launch_us", kMicroseconds);
  out.host_source = read_source(reader);
  reader.finish();
}

StackSpec StackReader::read(const io::Value& document) {
  io::ObjectReader reader(document, findings_);
  io::check_header(reader, "stack");
  StackSpec out;
  out.name = reader.text("name");
  out.title = reader.text("title");
  out.version = reader.text("version");
  out.bits = static_cast<int>(reader.integer("bits", 1, 16));
  out.anchor = reader.text("anchor");
  if (out.anchor == out.name && out.bits != 16) {
    reader.complain("anchor", "a stack of less than 16 bit can't be its own anchor",
                    "the name of a 16-bit stack");
  }
  out.execution = static_cast<StackSpec::Execution>(reader.choice("execution", {"eager", "cuda_graph"}));
  memory(reader.child("memory"), out);
  quality(reader.child("quality"), out);
  host(reader.child("host"), out);
  const io::Value& linears = reader.child("linears");
  if (linears.kind != io::Value::Kind::kMapping) {
    reader.complain("linears", "linears must be a mapping of names to cases, not " + linears.describe());
  }
  for (const io::Entry& entry : linears.fields) {
    out.linears[entry.key] = cases(entry.value);
  }
  out.prologue = operators(reader, "prologue", out);
  out.layer = operators(reader, "layer", out);
  out.epilogue = operators(reader, "epilogue", out);
  reader.finish();
  return out;
}

}  // namespace

const io::VariableNames& stack_variables() {
  static const io::VariableNames kNames = {"m",       "batch",    "new",      "ctx", "hidden", "layers",
                                           "heads",   "kv_heads", "head_dim", "ffn", "vocab",  "qk_norm",
                                           "kv_elem", "wb",       "n",        "k"};
  return kNames;
}

StackSpec load_stack(const std::string& path) { return read_stack(load_extended(path)); }

StackSpec read_stack(const io::Value& document, ParsedFiles* parsed) {
  Findings findings;
  StackSpec out = StackReader(findings, parsed).read(document);
  findings.throw_if_any();
  return out;
}

std::set<std::string> families_of(const StackSpec& stack) {
  std::set<std::string> out;
  const auto take = [&](const std::vector<StackCase>& cases) {
    for (const StackCase& one : cases) {
      for (const StackCall& call : one.calls) {
        if (call.kind == StackCall::Kind::kKernel) {
          out.insert(call.family);
        }
      }
    }
  };
  for (const auto& [ignored, cases] : stack.linears) {
    take(cases);
  }
  for (const auto* block : {&stack.prologue, &stack.layer, &stack.epilogue}) {
    for (const StackOperator& op : *block) {
      take(op.cases);
    }
  }
  return out;
}

}  // namespace hopsim::spec
