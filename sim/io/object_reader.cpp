// SPDX-License-Identifier: Apache-2.0
#include "io/object_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace hopsim::io {

namespace {

const Value kNothing;

// The part of a key before its unit: "hbm_gb_s" and "hbm_tb_s" share "hbm". Units are the trailing words of
// this list.
auto stem(std::string_view key) -> std::string_view {
  static constexpr std::string_view kUnits[] = {
      "_gb_s", "_tb_s", "_mb_s",   "_gib_s", "_tflops",     "_gflops", "_usd_per_hour", "_us",
      "_ms",   "_ns",   "_s",      "_w",     "_kw",         "_mw",     "_gb",           "_mb",
      "_kb",   "_gib",  "_mib",    "_kib",   "_bytes",      "_mhz",    "_ghz",          "_hz",
      "_j",    "_mj",   "_tokens", "_mflop", "_pj_per_byte"};
  std::string_view best = key;
  for (const std::string_view unit : kUnits) {
    if (key.size() > unit.size() && key.ends_with(unit) && key.size() - unit.size() < best.size()) {
      best = key.substr(0, key.size() - unit.size());
    }
  }
  return best;
}

auto inside(Range range) -> double {
  if (range.contains(1)) {
    return 1;
  }
  return range.open_low ? range.high : range.low;
}

}  // namespace

std::string Range::text() const {
  if (high >= 1e18) {
    return fmt::format("allowed: a finite number {} {}", open_low ? ">" : ">=", low);
  }
  return fmt::format("allowed: {}{}, {}]", open_low ? "(" : "[", low, high);
}

std::optional<double> parse_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
  }
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(out)) {
    return std::nullopt;
  }
  return out;
}

double number_in(const Value& value, std::string_view name, Range range, Findings& findings) {
  const std::optional<double> parsed =
      value.kind == Value::Kind::kScalar && !value.quoted ? parse_number(value.scalar) : std::nullopt;
  if (!parsed) {
    findings.add(value.at, fmt::format("{} must be a number, not {}", name, value.describe()), range.text());
    return inside(range);
  }
  if (!range.contains(*parsed)) {
    findings.add(value.at, fmt::format("{} is out of range: {}", name, value.scalar), range.text());
    return inside(range);
  }
  return *parsed;
}

ObjectReader::ObjectReader(const Value& value, Findings& findings) : value_(&value), findings_(&findings) {
  if (value.kind != Value::Kind::kMapping) {
    findings.add(value.at, "expected a mapping (key: value), not " + value.describe());
    value_ = &kNothing;
  }
}

const Value* ObjectReader::get(std::string_view key, bool required) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.emplace_back(key);
  }
  const Value* found = value_->find(key);
  if (found == nullptr && required && value_ != &kNothing) {
    findings_->add(value_->at, fmt::format("missing key '{}'", key));
  }
  return found;
}

Location ObjectReader::where(std::string_view key) const {
  const Value* found = value_->find(key);
  return found != nullptr ? found->at : value_->at;
}

void ObjectReader::complain(std::string_view key, std::string what, std::string allowed) {
  findings_->add(where(key), std::move(what), std::move(allowed));
}

bool ObjectReader::has(std::string_view key) { return get(key, false) != nullptr; }

const Value& ObjectReader::child(std::string_view key) {
  const Value* found = get(key, true);
  return found != nullptr ? *found : kNothing;
}

const Value* ObjectReader::optional_child(std::string_view key) { return get(key, false); }

void ObjectReader::ignore(std::string_view key) { static_cast<void>(get(key, false)); }

std::string ObjectReader::text(std::string_view key) {
  const Value* found = get(key, true);
  if (found == nullptr) {
    return "";
  }
  if (found->kind != Value::Kind::kScalar || found->scalar.empty()) {
    findings_->add(found->at, fmt::format("{} must be text, not {}", key, found->describe()));
    return "";
  }
  return found->scalar;
}

std::optional<std::string> ObjectReader::optional_text(std::string_view key) {
  return has(key) ? std::optional(text(key)) : std::nullopt;
}

double ObjectReader::number(std::string_view key, Range range) {
  const Value* found = get(key, true);
  return found != nullptr ? number_in(*found, key, range, *findings_) : inside(range);
}

std::optional<double> ObjectReader::optional_number(std::string_view key, Range range) {
  return has(key) ? std::optional(number(key, range)) : std::nullopt;
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const Range range{static_cast<double>(low), static_cast<double>(high)};
  const double x = number(key, range);
  if (x != std::floor(x)) {
    complain(key, fmt::format("{} must be a whole number, not {}", key, x), range.text());
    return low;
  }
  return static_cast<std::int64_t>(x);
}

bool ObjectReader::flag(std::string_view key) {
  const Value* found = get(key, true);
  if (found == nullptr) {
    return false;
  }
  if (found->kind == Value::Kind::kScalar && !found->quoted &&
      (found->scalar == "true" || found->scalar == "false")) {
    return found->scalar == "true";
  }
  findings_->add(found->at, fmt::format("{} must be true or false, not {}", key, found->describe()));
  return false;
}

std::size_t ObjectReader::choice(std::string_view key, const std::vector<std::string>& choices) {
  const Value* found = get(key, true);
  if (found == nullptr) {
    return 0;
  }
  const auto hit = std::find(choices.begin(), choices.end(), found->scalar);
  if (found->kind != Value::Kind::kScalar || hit == choices.end()) {
    findings_->add(found->at, fmt::format("{} is {}", key, found->describe()),
                   suggestion(found->scalar, choices));
    return 0;
  }
  return static_cast<std::size_t>(hit - choices.begin());
}

std::vector<std::string> ObjectReader::texts(std::string_view key) {
  const Value* found = get(key, true);
  std::vector<std::string> out;
  if (found == nullptr) {
    return out;
  }
  if (found->kind != Value::Kind::kSequence) {
    findings_->add(found->at, fmt::format("{} must be a list, not {}", key, found->describe()));
    return out;
  }
  for (const Value& item : found->items) {
    if (item.kind != Value::Kind::kScalar || item.scalar.empty()) {
      findings_->add(item.at, fmt::format("{} must hold text, not {}", key, item.describe()));
    } else {
      out.push_back(item.scalar);
    }
  }
  return out;
}

void ObjectReader::finish() {
  for (const Entry& entry : value_->fields) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) {
      continue;
    }
    std::string what = fmt::format("unknown key '{}'", entry.key);
    const auto same_stem = std::find_if(known_.begin(), known_.end(), [&](const std::string& known) {
      return stem(known) == stem(entry.key) && known != stem(known);
    });
    if (same_stem != known_.end()) {
      findings_->add(entry.at, what + ": wrong unit", fmt::format("write '{}', in that unit", *same_stem));
    } else {
      findings_->add(entry.at, what, suggestion(entry.key, known_));
    }
  }
}

void check_header(ObjectReader& reader, std::string_view kind) {
  const std::string expected = fmt::format("{}/1", kind);
  const std::string found = reader.text("hopsim");
  if (!found.empty() && found != expected) {
    reader.complain("hopsim", fmt::format("this is '{}'", found),
                    fmt::format("needed here: 'hopsim: {}'", expected));
  }
}

}  // namespace hopsim::io
