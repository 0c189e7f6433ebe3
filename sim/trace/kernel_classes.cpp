// SPDX-License-Identifier: Apache-2.0
#include "trace/kernel_classes.hpp"

#include "base/errors.hpp"
#include "io/object_reader.hpp"
#include "io/value.hpp"

namespace hopsim::trace {

namespace {

auto lower(std::string_view text) -> std::string {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

void add_pattern(ClassRule& rule, const std::string& text) {
  std::string_view rest = text;
  rule.anchored.push_back(rest.starts_with('^'));
  rest.remove_prefix(rule.anchored.back() ? 1 : 0);
  std::vector<std::string> parts;
  while (!rest.empty()) {
    const std::size_t star = std::min(rest.find('*'), rest.size());
    if (star > 0) {
      parts.push_back(lower(rest.substr(0, star)));
    }
    rest.remove_prefix(std::min(star + 1, rest.size()));
  }
  rule.patterns.push_back(std::move(parts));
}

bool matches(const std::string& name, const std::vector<std::string>& parts, bool anchored) {
  std::size_t at = 0;
  for (const std::string& part : parts) {
    const std::size_t found = name.find(part, at);
    if (found == std::string::npos || (anchored && &part == parts.data() && found != 0)) {
      return false;
    }
    at = found + part.size();
  }
  return true;
}

auto read_rule(const io::Value& value, Findings& findings) -> ClassRule {
  static const std::vector<std::string> kNames(kKernelClassNames.begin(), kKernelClassNames.end());
  io::ObjectReader reader(value, findings);
  ClassRule rule;
  rule.cls = static_cast<KernelClass>(reader.choice("class", kNames));
  if (reader.has("min_shared_memory_bytes")) {
    rule.min_shared_memory_bytes = reader.integer("min_shared_memory_bytes", 0, 1 << 30);
  }
  for (const std::string& pattern : reader.texts("names")) {
    add_pattern(rule, pattern);
    if (rule.patterns.back().empty()) {
      reader.complain("names", "pattern '" + pattern + "' matches every name", "at least one letter");
    }
  }
  reader.finish();
  return rule;
}

auto read_table(const io::Value& document) -> KernelClasses {
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "kernel-classes");
  std::vector<ClassRule> rules;
  const io::Value& list = reader.child("rules");
  if (list.kind != io::Value::Kind::kSequence) {
    findings.add(list.at, "rules must be a list, not " + list.describe());
  }
  for (const io::Value& item : list.items) {
    rules.push_back(read_rule(item, findings));
  }
  reader.finish();
  findings.throw_if_any();
  return KernelClasses(std::move(rules));
}

}  // namespace

KernelClass KernelClasses::classify(std::string_view name, std::int64_t shared_memory_bytes) const {
  const std::string text = lower(name);
  for (const ClassRule& rule : rules_) {
    if (shared_memory_bytes < rule.min_shared_memory_bytes) {
      continue;
    }
    for (std::size_t i = 0; i < rule.patterns.size(); ++i) {
      if (matches(text, rule.patterns[i], rule.anchored[i])) {
        return rule.cls;
      }
    }
  }
  return KernelClass::kOther;
}

KernelClasses load_kernel_classes(const std::string& path) { return read_table(io::load_yaml(path)); }

KernelClasses parse_kernel_classes(const std::string& text, const std::string& name) {
  return read_table(io::parse_yaml(text, name));
}

}  // namespace hopsim::trace
