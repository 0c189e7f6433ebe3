// SPDX-License-Identifier: Apache-2.0
#include "spec/validation.hpp"

#include "io/object_reader.hpp"

namespace hopsim::spec {

namespace {

constexpr std::int64_t kMaxTokens = 10'000'000;
constexpr std::int64_t kMaxBatch = 65536;

auto integer(io::ObjectReader& reader, std::string_view key, std::int64_t high) -> int {
  return static_cast<int>(reader.integer(key, 1, high));
}

auto read_anchor(const io::Value& value, Findings& findings) -> HostAnchor {
  io::ObjectReader outer(value, findings);
  io::ObjectReader reader(outer.child("anchor"), findings);
  HostAnchor out;
  out.stack = reader.text("stack");
  out.model = reader.optional_text("model").value_or("");
  out.batch = integer(reader, "batch", kMaxBatch);
  out.ms_per_step = reader.number("ms_per_step", io::kPositive);
  reader.finish();
  outer.finish();
  return out;
}

auto read_measured(const io::Value& value, Findings& findings) -> std::map<Metric, double> {
  io::ObjectReader reader(value, findings);
  std::map<Metric, double> out;
  for (std::size_t m = 0; m < kMetricCount; ++m) {
    const auto metric = static_cast<Metric>(m);
    const io::Range range = metric == Metric::kCor ? io::Range{-1, 1e6} : io::kPositive;
    if (const auto x = reader.optional_number(to_text(metric), range)) {
      out[metric] = *x;
    }
  }
  reader.finish();
  if (out.empty()) {
    findings.add(value.at, "a row measures nothing",
                 "at least one of ms_per_step, tok_s, power_w, j_per_token, cor, energy_ratio");
  }
  return out;
}

auto read_row(const io::Value& value, Findings& findings) -> ValidationRow {
  io::ObjectReader reader(value, findings);
  ValidationRow out;
  out.at = value.at;
  out.name = reader.text("name");
  out.gpu = reader.text("gpu");
  out.model = reader.text("model");
  out.stack = reader.text("stack");
  out.versus = reader.optional_text("versus").value_or("");
  if (const io::Value* host = reader.optional_child("host")) {
    if (host->kind == io::Value::Kind::kMapping) {
      out.host_anchor = read_anchor(*host, findings);
    } else {
      out.host = reader.text("host");
    }
  }
  out.gpus = reader.has("gpus") ? integer(reader, "gpus", 1024) : 1;
  out.batch = integer(reader, "batch", kMaxBatch);
  out.prompt_tokens = integer(reader, "prompt_tokens", kMaxTokens);
  out.decode_tokens = integer(reader, "decode_tokens", kMaxTokens);
  out.hops = reader.has("hops") ? integer(reader, "hops", 10'000) : 1;
  out.fitted = reader.has("fitted") && reader.flag("fitted");
  out.measured = read_measured(reader.child("measured"), findings);
  reader.finish();
  return out;
}

}  // namespace

std::string_view to_text(Metric metric) {
  constexpr std::string_view kNames[] = {"ms_per_step", "tok_s", "power_w",
                                         "j_per_token", "cor",   "energy_ratio"};
  return kNames[static_cast<std::size_t>(metric)];
}

ValidationSuite load_validation(const std::string& path) {
  const io::Value document = io::load_yaml(path);
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "validation");
  ValidationSuite out;
  out.name = reader.text("name");
  out.source = reader.text("source");
  out.tolerance = reader.number("tolerance", {0, 10, true});
  const io::Value& rows = reader.child("rows");
  if (rows.kind != io::Value::Kind::kSequence || rows.items.empty()) {
    reader.complain("rows", "rows must be a list with at least one row, not " + rows.describe());
  }
  for (const io::Value& row : rows.items) {
    out.rows.push_back(read_row(row, findings));
  }
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
