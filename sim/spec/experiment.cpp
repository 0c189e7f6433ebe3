// SPDX-License-Identifier: Apache-2.0
#include "spec/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    reader.complain("batches", "batches must be a list of whole numbers, not " + list.describe(),
                    kBatch.text());
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
  io::ObjectReader critical(reader.child("critical"), findings);
  out.critical_params_low = critical.number("lowest_params_b", kParamsB) * 1e9;
  out.critical_params_high = critical.number("highest_params_b", kParamsB) * 1e9;
  if (out.critical_params_low >= out.critical_params_high) {
    critical.complain("highest_params_b", "highest_params_b must be above lowest_params_b");
  }
  critical.finish();
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
