// SPDX-License-Identifier: Apache-2.0
#include "spec/kernel_families.hpp"

#include <algorithm>
#include <set>

#include "io/object_reader.hpp"
#include "spec/family_reader.hpp"

namespace hopsim::spec {

namespace {

const std::vector<std::string> kOperators = {"linear", "decode_attention"};

auto holds(const std::vector<std::string>& allowed, const std::string& text) -> bool {
  return allowed.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end();
}

auto matches(const KernelMatch& match, const KernelLabel& label) -> bool {
  return holds(match.frameworks, label.framework) && holds(match.dtypes, label.dtype) &&
         holds(match.kernels, label.kernel) && label.version.starts_with(match.version_prefix);
}

auto read_match(const io::Value& value, Findings& findings) -> KernelMatch {
  io::ObjectReader reader(value, findings);
  const auto list = [&](const char* key) {
    return reader.has(key) ? reader.texts(key) : std::vector<std::string>{};
  };
  KernelMatch out;
  out.frameworks = list("framework");
  out.kernels = list("kernel");
  out.dtypes = reader.texts("dtype");
  out.version_prefix = reader.optional_text("version").value_or("");
  reader.finish();
  return out;
}

auto read_rule(const io::Entry& entry, Findings& findings) -> FamilyRule {
  io::ObjectReader reader(entry.value, findings);
  FamilyRule out;
  out.name = reader.optional_text("family").value_or(entry.key);
  out.op = static_cast<KernelOperator>(reader.choice("operator", kOperators));
  out.form = reader.text("form");
  out.tensor_peak = reader.optional_text("tensor_peak").value_or("");
  out.match = read_match(reader.child("match"), findings);
  if (out.op == KernelOperator::kLinear) {
    out.format = read_linear_format(reader);
    out.weight_copies = reader.number("weight_copies", {0, 1e6});
    out.correction = !reader.has("correction") || reader.flag("correction");
  } else {
    out.kv_element_bytes = reader.number("kv_element_bytes", {0, 8, true});
  }
  if (reader.has("architectures")) {
    out.architectures = reader.texts("architectures");
  }
  reader.finish();
  return out;
}

}  // namespace

std::string_view to_text(KernelOperator op) { return kOperators[static_cast<std::size_t>(op)]; }

const FamilyRule* FamilyRules::find(KernelOperator op, const KernelLabel& label, bool& borrowed) const {
  borrowed = false;
  const FamilyRule* other = nullptr;
  for (const FamilyRule& rule : rules) {
    if (rule.op != op) {
      continue;
    }
    if (matches(rule.match, label)) {
      return &rule;
    }
    if (other == nullptr && holds(rule.match.dtypes, label.dtype)) {
      other = &rule;
    }
  }
  borrowed = other != nullptr;
  return other;
}

const FamilyRule* FamilyRules::named(std::string_view name) const {
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const FamilyRule& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : &*found;
}

bool FamilyRules::runs(const std::string& architecture, const std::string& name,
                       const std::string& form) const {
  return std::all_of(rules.begin(), rules.end(), [&](const FamilyRule& rule) {
    return rule.name != name || rule.form != form || holds(rule.architectures, architecture);
  });
}

std::vector<std::string> FamilyRules::dtypes(KernelOperator op) const {
  std::set<std::string> out;
  for (const FamilyRule& rule : rules) {
    if (rule.op == op) {
      out.insert(rule.match.dtypes.begin(), rule.match.dtypes.end());
    }
  }
  return {out.begin(), out.end()};
}

FamilyRules load_family_rules(const std::string& path) {
  const io::Value document = io::load_yaml(path);
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "kernel-families");
  FamilyRules out;
  for (const io::Entry& entry : reader.child("families").fields) {
    out.rules.push_back(read_rule(entry, findings));
  }
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
