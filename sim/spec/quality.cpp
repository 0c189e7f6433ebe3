// SPDX-License-Identifier: Apache-2.0
#include "spec/quality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "io/object_reader.hpp"
#include "spec/chain.hpp"
#include "spec/library.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

namespace {

constexpr double kNominal = 1.15;  // a "7B" has up to that much more, or less

constexpr std::string_view kMeanOf = "mean of ";

// Rows of one size, as one point of the curve.
struct Size {
  double log_sum = 0;
  std::vector<const QualityRow*> rows;
  [[nodiscard]] double log_value() const { return log_sum / static_cast<double>(rows.size()); }
};

auto by_size(const std::vector<const QualityRow*>& rows, int hops) -> std::map<double, Size> {
  std::map<double, Size> out;
  for (const QualityRow* row : rows) {
    Size& size = out[row->params];
    const double answers =
        hops > 0 && row->steps > 0 ? hops / row->steps : 1;  // a chain is that many answers long
    size.log_sum += std::log(row->value) * answers;
    size.rows.push_back(row);
  }
  return out;
}

void take(const Size& size, QualityValue& out) {
  out.rows.insert(out.rows.end(), size.rows.begin(), size.rows.end());
}

// `hops`: reasoning steps of the chain, 0 where a row holds for the whole of it.
auto looked_up(const std::vector<QualityRow>& all, double params, const std::string& benchmark, int hops)
    -> QualityValue {
  QualityValue out;
  const auto rows_where = [&](const auto& wanted) {
    std::vector<const QualityRow*> rows;
    for (const QualityRow& row : all) {
      if (wanted(row)) {
        rows.push_back(&row);
      }
    }
    return rows;
  };
  std::vector<const QualityRow*> rows =
      rows_where([&](const QualityRow& row) { return row.benchmark == benchmark; });
  if (rows.empty()) {
    out.other_benchmark = !all.empty();
    rows = rows_where([](const QualityRow& row) { return row.benchmark.starts_with(kMeanOf); });
  }
  if (rows.empty()) {
    rows = rows_where([](const QualityRow&) { return true; });
  }
  if (rows.empty()) {
    return out;
  }
  const std::map<double, Size> sizes = by_size(rows, hops);
  const auto above = sizes.lower_bound(params);
  if (above == sizes.begin() || above == sizes.end()) {
    const auto& [size, nearest] = above == sizes.end() ? *sizes.rbegin() : *above;
    out.extrapolated = std::max(params / size, size / params) > kNominal;
    out.value = std::exp(nearest.log_value());
    take(nearest, out);
    return out;
  }
  const auto below = std::prev(above);
  const double share = std::log(params / below->first) / std::log(above->first / below->first);
  out.value = std::exp((1 - share) * below->second.log_value() + share * above->second.log_value());
  take(below->second, out);
  take(above->second, out);
  return out;
}

auto given(double value) -> QualityValue {
  QualityValue out;
  out.value = value;
  return out;
}

auto read_rows(io::ObjectReader& table, std::string_view key, bool capped, Findings& findings)
    -> std::vector<QualityRow> {
  std::vector<QualityRow> out;
  const io::Value& list = table.child(key);
  if (list.kind != io::Value::Kind::kSequence) {
    table.complain(key, fmt::format("{} must be a list of rows, not {}", key, list.describe()),
                   "[] for none");
    return out;
  }
  for (const io::Value& item : list.items) {
    io::ObjectReader reader(item, findings);
    QualityRow& row = out.emplace_back();
    row.params = reader.number("params_b", {0.01, 1e4}) * 1e9;
    row.model = reader.text("model");
    row.method = reader.text("method");
    row.benchmark = reader.text("benchmark");
    if (capped) {
      row.value = reader.number("ratio", {0.01, 100});
      const bool stated = reader.child("output_cap_tokens").scalar != "unknown";
      row.output_cap_tokens =
          stated ? static_cast<int>(reader.integer("output_cap_tokens", 1, kMaxContextTokens)) : 0;
    } else {
      row.value = reader.number("ratio", {1e-3, 2});
      row.steps = reader.optional_number("steps", {1, 1000}).value_or(0);
    }
    row.source = read_source(reader);
    reader.finish();
  }
  return out;
}

// Each citation once, in order.
auto citations(const std::vector<const QualityRow*>& rows) -> std::string {
  std::vector<std::string> seen;
  std::string out;
  for (const QualityRow* row : rows) {
    const std::string words = fmt::format(
        "{} {} on {}: {}{}", row->model, row->method, row->benchmark, row->source.citation,
        row->output_cap_tokens > 0 ? fmt::format(", output cap {} tokens", row->output_cap_tokens) : "");
    if (std::find(seen.begin(), seen.end(), words) == seen.end()) {
      seen.push_back(words);
      out += (out.empty() ? "" : "; ") + words;
    }
  }
  return out;
}

}  // namespace

QualityValue accuracy_ratio(const StackQuality& quality, double params, const ChainSpec& chain) {
  return quality.accuracy_ratio ? given(*quality.accuracy_ratio)
                                : looked_up(quality.table.accuracy, params, chain.benchmark,
                                            chain.accuracy_compounds ? chain.depth() : 0);
}

QualityValue token_inflation(const StackQuality& quality, double params, const ChainSpec& chain) {
  return quality.token_inflation ? given(*quality.token_inflation)
                                 : looked_up(quality.table.token_inflation, params, chain.benchmark, 0);
}

Source source_of(const StackQuality& quality, const QualityValue& value) {
  if (!value.value) {
    return {Provenance::kAssumed, quality.table.path.empty()
                                      ? quality.source.citation
                                      : "nobody measured it for " + quality.table.title};
  }
  if (value.rows.empty()) {
    return quality.source;
  }
  Source out;
  out.kind = Provenance::kMeasured;
  for (const QualityRow* row : value.rows) {
    out.kind = std::max(out.kind, row->source.kind);
  }
  if (value.extrapolated || value.other_benchmark || quality.borrowed) {
    out.kind = std::max(out.kind, Provenance::kBorrowed);
  }
  out.citation = citations(value.rows) + (quality.borrowed ? "; of another method" : "") +
                 (value.extrapolated ? "; extrapolated in model size" : "") +
                 (value.other_benchmark ? "; of another benchmark" : "");
  return out;
}

QualityTable load_quality(const std::string& path, ParsedFiles* parsed) {
  const io::Value document = load_extended(path, nullptr, parsed);
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "quality");
  QualityTable out;
  out.path = path;
  out.name = reader.text("name");
  out.title = reader.text("title");
  out.accuracy = read_rows(reader, "accuracy", false, findings);
  out.token_inflation = read_rows(reader, "token_inflation", true, findings);
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
