// SPDX-License-Identifier: Apache-2.0
// A parsed YAML or JSON document as a plain tree in which every node knows its file, line and column, so that
// an error can point at it also after `extends:` has merged two files. yaml-cpp stays behind this header.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"

namespace hopsim::io {

struct Entry;

/// One node. A mapping keeps the order of its keys; keys are unique (load_yaml rejects duplicates).
struct Value {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  Location at;
  std::string scalar;         // kScalar
  bool quoted = false;        // a quoted scalar is text, never a number or a flag
  std::vector<Value> items;   // kSequence
  std::vector<Entry> fields;  // kMapping

  /// The value under `key`, or nullptr (also when this is no mapping).
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// "a mapping", "a list", "'text'", "nothing": for messages.
  [[nodiscard]] std::string describe() const;
};

struct Entry {
  std::string key;
  Location at;
  Value value;
};

/// Reads one YAML (or JSON) document from a file. Throws InputError with line and column: not a readable
/// file, bad syntax, duplicate key, more than one document, anchors nested too deeply.
[[nodiscard]] Value load_yaml(const std::string& path);

/// The same from text; `name` stands for the file in messages.
[[nodiscard]] Value parse_yaml(const std::string& text, const std::string& name);

/// `base` with the fields of `over` put over it: mappings merge key by key, everything else is replaced.
[[nodiscard]] Value merged(const Value& base, const Value& over);

}  // namespace hopsim::io
