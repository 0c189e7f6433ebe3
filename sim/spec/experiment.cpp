// SPDX-License-Identifier: Apache-2.0
#include "spec/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "io/files.hpp"
#include "io/object_reader.hpp"

namespace hopsim::spec {

namespace {

constexpr io::Range kBatch{1, 65536};
constexpr io::Range kParamsB{0.2, 200};

// A list of distinct names, at least one.
auto axis(io::ObjectReader& reader, std::string_view key) -> std::vector<std::string> {
  std::vector<std::string> out = reader.texts(key);
  if (out.empty()) {
    reader.complain(key, fmt::format("{} needs at least one entry", key));
  }
  for (auto it = out.begin(); it != out.end(); ++it) {
    if (std::find(out.begin(), it, *it) != it) {
      reader.complain(key, fmt::format("{} holds '{}' twice", key, *it));
    }
  }
  return out;
}

auto batches(io::ObjectReader& reader, Findings& findings) -> std::vector<int> {
  std::vector<int> out;
  const io::Value& list = reader.child("batches");
  if (list.kind != io::Value::Kind::kSequence || list.items.empty()) {
    reader.complain("batches", "batches must be a list of at least one whole number", kBatch.text());
    return out;
  }
  for (const io::Value& item : list.items) {
    const double batch = io::number_in(item, "batch", kBatch, findings);
    if (batch != static_cast<int>(batch)) {
      findings.add(item.at, fmt::format("batch must be a whole number, not {}", item.scalar), kBatch.text());
    } else if (!out.empty() && batch <= out.back()) {
      findings.add(item.at, "batches must grow from one entry to the next");
    }
    out.push_back(static_cast<int>(batch));
  }
  return out;
}

// "gpu.hbm_gb_s": {scale: [...]} or {set: [...]}
auto vary_axis(const io::Entry& entry, Findings& findings) -> VarySpec {
  VarySpec out;
  out.name = entry.key;
  std::vector<std::string> path;
  for (std::size_t begin = 0; begin <= entry.key.size();) {
    const std::size_t end = std::min(entry.key.find('.', begin), entry.key.size());
    path.push_back(entry.key.substr(begin, end - begin));
    begin = end + 1;
  }
  const std::vector<std::string> targets(VarySpec::kTargets.begin(), VarySpec::kTargets.end());
  const auto target = std::find(targets.begin(), targets.end(), path.front());
  if (target == targets.end() || path.size() < 2) {
    findings.add(entry.at, fmt::format("'{}' is no field that can be varied", entry.key),
                 suggestion(path.front(), targets) + "; then '.' and the path of a field in its file");
  } else {
    out.target = static_cast<VarySpec::Target>(target - targets.begin());
  }
  path.erase(path.begin());
  io::ObjectReader reader(entry.value, findings);
  const io::Value* scale = reader.optional_child("scale");
  const io::Value* set = reader.optional_child("set");
  reader.finish();
  const io::Value* list = scale != nullptr ? scale : set;
  if ((scale != nullptr) == (set != nullptr) || list->kind != io::Value::Kind::kSequence ||
      list->items.empty()) {
    findings.add(entry.value.at, fmt::format("{} needs scale: or set: with a list of numbers", entry.key));
    return out;
  }
  for (const io::Value& item : list->items) {
    const io::Range range = scale != nullptr ? io::kPositive : io::Range{-1e18, 1e18};
    out.steps.push_back({path, scale != nullptr, io::number_in(item, entry.key, range, findings), item.at});
    const double value = out.steps.back().value;
    if (std::count_if(out.steps.begin(), out.steps.end(), [&](const auto& s) { return s.value == value; }) >
        1) {
      findings.add(item.at, fmt::format("{} holds {} twice", entry.key, item.scalar));
    }
  }
  return out;
}

void read_critical(const io::Value& value, ExperimentSpec& out, Findings& findings) {
  io::ObjectReader critical(value, findings);
  out.critical_params_low = critical.number("lowest_params_b", kParamsB) * 1e9;
  out.critical_params_high = critical.number("highest_params_b", kParamsB) * 1e9;
  if (out.critical_params_low >= out.critical_params_high) {
    critical.complain("highest_params_b", "highest_params_b must be above lowest_params_b");
  }
  out.critical_chains = critical.has("chains") ? axis(critical, "chains") : out.chains;
  for (const std::string& chain : out.critical_chains) {
    if (std::find(out.chains.begin(), out.chains.end(), chain) == out.chains.end()) {
      critical.complain("chains", fmt::format("'{}' is no chain of the grid", chain),
                        suggestion(chain, out.chains));
    }
  }
  critical.finish();
}

}  // namespace

ExperimentSpec load_experiment(const std::string& path) {
  ExperimentSpec out;
  out.text = io::read_text_file(path);
  const io::Value document = io::parse_yaml(out.text, path);
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "experiment");
  out.name = reader.text("name");
  out.title = reader.text("title");
  io::ObjectReader grid(reader.child("grid"), findings);
  out.gpus = axis(grid, "gpus");
  out.hosts = axis(grid, "hosts");
  out.models = axis(grid, "models");
  out.stacks = axis(grid, "stacks");
  out.chains = axis(grid, "chains");
  out.batches = batches(grid, findings);
  grid.finish();
  if (const io::Value* vary = reader.optional_child("vary")) {
    io::ObjectReader fields(*vary, findings);  // complains where this is no mapping
    for (const io::Entry& entry : vary->fields) {
      out.vary.push_back(vary_axis(entry, findings));
    }
  }
  if (const io::Value* critical = reader.optional_child("critical")) {
    read_critical(*critical, out, findings);
  }
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
