// SPDX-License-Identifier: Apache-2.0
#include "spec/field.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "io/object_reader.hpp"

namespace hopsim::spec {

namespace {

auto find_field(io::Value& document, const FieldChange& change, const std::string& what) -> io::Value& {
  io::Value* at = &document;
  for (const std::string& key : change.path) {
    const auto found =
        std::find_if(at->fields.begin(), at->fields.end(), [&](const auto& e) { return e.key == key; });
    if (found == at->fields.end() && &key == &change.path.back() && !change.scale &&
        at->kind == io::Value::Kind::kMapping) {
      // A field that the file leaves out: whoever reads the document says whether there is such a one.
      at->fields.push_back({key, change.at, {}});
      at->fields.back().value.kind = io::Value::Kind::kScalar;
      at->fields.back().value.scalar = "0";
      return at->fields.back().value;
    }
    if (found == at->fields.end()) {
      std::vector<std::string> known;
      for (const io::Entry& entry : at->fields) {
        known.push_back(entry.key);
      }
      throw InputError(change.at, fmt::format("{} has no field '{}'", what, join(change.path, ".")),
                       known.empty() ? "it holds no further fields there" : suggestion(key, known));
    }
    at = &found->value;
  }
  return *at;
}

}  // namespace

std::string FieldChange::text() const {
  return fmt::format("{}{}{}", join(path, "."), scale ? "*" : "=", value);
}

io::Value changed(io::Value document, const std::vector<FieldChange>& changes, const std::string& what) {
  for (const FieldChange& change : changes) {
    io::Value& field = find_field(document, change, what);
    const std::optional<double> before = field.kind == io::Value::Kind::kScalar && !field.quoted
                                             ? io::parse_number(field.scalar)
                                             : std::nullopt;
    if (!before) {
      throw InputError(change.at,
                       fmt::format("field '{}' of {} is {}", join(change.path, "."), what, field.describe()),
                       "only numbers can be varied");
    }
    field.scalar = fmt::format("{}", change.scale ? *before * change.value : change.value);
    field.at = change.at;
  }
  return document;
}

std::vector<std::vector<std::string>> numeric_fields(const io::Value& document) {
  std::vector<std::vector<std::string>> out;
  for (const io::Entry& entry : document.fields) {
    if (entry.value.kind == io::Value::Kind::kScalar && !entry.value.quoted &&
        io::parse_number(entry.value.scalar)) {
      out.push_back({entry.key});
    }
    for (std::vector<std::string>& below : numeric_fields(entry.value)) {
      below.insert(below.begin(), entry.key);
      out.push_back(std::move(below));
    }
  }
  return out;
}

}  // namespace hopsim::spec
