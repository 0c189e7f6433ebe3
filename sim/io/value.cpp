// SPDX-License-Identifier: Apache-2.0
#include "io/value.hpp"

#include <yaml-cpp/yaml.h>

#include <set>

#include "io/files.hpp"

namespace hopsim::io {

namespace {

constexpr int kMaxDepth = 64;       // no file of ours nests deeper
constexpr int kMaxNodes = 100'000;  // nor holds more; aliases could multiply without end

// UTF-8 without control characters other than tab and line breaks.
auto is_plain_text(const std::string& text) -> bool {
  std::size_t follow = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (follow > 0) {
      if ((byte & 0xC0U) != 0x80U) {
        return false;
      }
      --follow;
    } else if (byte >= 0x80) {
      follow = byte >= 0xF8 ? 9 : byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC2 ? 1 : 9;
      if (follow == 9) {
        return false;
      }
    } else if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') {
      return false;
    }
  }
  return follow == 0;
}

auto location(const YAML::Mark& mark, const std::string& file) -> Location {
  return mark.is_null() ? Location{file} : Location{file, mark.line + 1, mark.column + 1};
}

auto convert(const YAML::Node& node, const std::string& file, int depth, int& nodes) -> Value {
  Value out;
  out.at = location(node.Mark(), file);
  if (depth > kMaxDepth) {
    throw InputError(out.at, "nested too deeply", "at most " + std::to_string(kMaxDepth) + " levels");
  }
  if (++nodes > kMaxNodes) {
    throw InputError(out.at, "too many values",
                     "at most " + std::to_string(kMaxNodes) + ", aliases counted each time");
  }
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return out;
    case YAML::NodeType::Scalar:
      out.kind = Value::Kind::kScalar;
      out.scalar = node.Scalar();
      out.quoted = node.Tag() == "!";
      if (!is_plain_text(out.scalar)) {
        throw InputError(out.at, "text with control characters or invalid UTF-8");
      }
      return out;
    case YAML::NodeType::Sequence:
      out.kind = Value::Kind::kSequence;
      for (const YAML::Node& item : node) {
        out.items.push_back(convert(item, file, depth + 1, nodes));
      }
      return out;
    case YAML::NodeType::Map: {
      out.kind = Value::Kind::kMapping;
      std::set<std::string> seen;
      for (const auto& pair : node) {
        const Location at = location(pair.first.Mark(), file);
        if (!pair.first.IsScalar()) {
          throw InputError(at, "a key must be plain text");
        }
        std::string key = pair.first.Scalar();
        if (!seen.insert(key).second) {
          throw InputError(at, "duplicate key '" + key + "'", "each key once");
        }
        out.fields.push_back({std::move(key), at, convert(pair.second, file, depth + 1, nodes)});
      }
      return out;
    }
  }
  throw InternalError("unknown YAML node type");
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const Entry& entry : fields) {
    if (entry.key == key) {
      return &entry.value;
    }
  }
  return nullptr;
}

std::string Value::describe() const {
  constexpr std::size_t kMostShown = 60;
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "'" + (scalar.size() <= kMostShown ? scalar : scalar.substr(0, kMostShown) + "...") + "'";
    case Kind::kSequence:
      return "a list";
    case Kind::kMapping:
      return "a mapping";
  }
  throw InternalError("unknown value kind");
}

Value parse_yaml(const std::string& text, const std::string& name) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() != 1) {
      throw InputError(Location{name}, "holds " + std::to_string(documents.size()) + " YAML documents",
                       "exactly one");
    }
    int nodes = 0;
    return convert(documents.front(), name, 0, nodes);
  } catch (const YAML::Exception& e) {
    throw InputError(location(e.mark, name), "not valid YAML: " + e.msg);
  }
}

Value load_yaml(const std::string& path) { return parse_yaml(read_text_file(path), path); }

Value merged(const Value& base, const Value& over) {
  if (base.kind != Value::Kind::kMapping || over.kind != Value::Kind::kMapping) {
    return over;
  }
  Value out = base;
  out.at = over.at;
  for (const Entry& entry : over.fields) {
    bool found = false;
    for (Entry& mine : out.fields) {
      if (mine.key == entry.key) {
        mine = {entry.key, entry.at, merged(mine.value, entry.value)};
        found = true;
        break;
      }
    }
    if (!found) {
      out.fields.push_back(entry);
    }
  }
  return out;
}

}  // namespace hopsim::io
