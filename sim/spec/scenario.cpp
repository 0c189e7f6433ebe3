// SPDX-License-Identifier: Apache-2.0
#include "spec/scenario.hpp"

#include "io/object_reader.hpp"
#include "spec/library.hpp"

namespace hopsim::spec {

ScenarioSpec load_scenario(const std::string& path) {
  const io::Value document = load_extended(path);
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "scenario");
  ScenarioSpec out;
  out.gpu = reader.optional_text("gpu");
  out.host = reader.optional_text("host");
  out.model = reader.optional_text("model");
  out.stack = reader.optional_text("stack");
  out.versus = reader.optional_text("versus");
  out.chain = reader.optional_text("chain");
  if (reader.has("batch")) {
    out.batch = static_cast<int>(reader.integer("batch", 1, 65536));
  }
  if (const io::Value* gpus = reader.optional_child("gpus")) {
    out.gpus = parse_gpu_count(gpus->scalar, gpus->at);
  }
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
