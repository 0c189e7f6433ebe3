// SPDX-License-Identifier: Apache-2.0
#include "spec/gpu.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "io/object_reader.hpp"
#include "spec/family_reader.hpp"
#include "spec/library.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

namespace {

const std::vector<std::string> kFormats = {"fp32", "tf32", "fp16", "bf16", "fp8", "int8", "int4", "fp4"};

// Fields of the specification that `provenance:` must cover, in the order of the file.
const std::vector<std::string> kSpecFields = {
    "sms",       "boost_mhz",   "memory_gb", "memory_mib", "hbm_gb_s",           "l2_mb", "peak_tflops",
    "pcie_gb_s", "nvlink_gb_s", "tdp_w",     "launch_us",  "price_usd_per_hour", "host"};

auto read_power(const io::Value& value, double tdp_w, Findings& findings) -> PowerSpec {
  io::ObjectReader reader(value, findings);
  const io::Range watts{0, tdp_w};
  PowerSpec out;
  out.idle_w = reader.number("idle_w", watts);
  out.loaded_idle_w = reader.number("loaded_idle_w", watts);
  out.active_idle_w = reader.number("active_idle_w", watts);
  out.busy_w = reader.number("busy_w", watts);
  out.pj_per_byte = reader.number("pj_per_byte", {0, 1e5});
  out.pj_per_flop = reader.number("pj_per_flop", {0, 1e3});
  out.pj_per_element = reader.number("pj_per_element", {0, 1e5});
  out.source = read_source(reader);
  reader.finish();
  return out;
}

// Every field of the specification is covered once, and nothing else is named.
auto read_provenance(io::ObjectReader& gpu, Findings& findings) -> std::map<std::string, Source> {
  std::map<std::string, Source> out;
  const io::Value& list = gpu.child("provenance");
  if (list.kind != io::Value::Kind::kSequence) {
    gpu.complain("provenance", "provenance must be a list",
                 "allowed: - {fields: [...], kind: ..., source: ...}");
    return out;
  }
  for (const io::Value& item : list.items) {
    io::ObjectReader reader(item, findings);
    const std::vector<std::string> fields = reader.texts("fields");
    const Source source = read_source(reader);
    reader.finish();
    for (const std::string& field : fields) {
      if (nearest(field, kSpecFields) != field) {
        reader.complain("fields", fmt::format("provenance names '{}'", field),
                        suggestion(field, kSpecFields));
      }
      out[field] = source;
    }
  }
  for (const std::string& field : kSpecFields) {
    if (!out.contains(field)) {
      gpu.complain("provenance", fmt::format("no provenance for '{}'", field),
                   "every number names where it comes from");
    }
  }
  return out;
}

}  // namespace

GpuSpec load_gpu(const std::string& path) { return read_gpu(load_extended(path)); }

namespace {

// What was fitted was fitted on the part that a hypothetical one extends.
void take_over_fits(GpuSpec& gpu) {
  const auto taken_over = [](Source& source) {
    if (source.kind == Provenance::kFitted || source.kind == Provenance::kMeasured) {
      source = {Provenance::kBorrowed, "the real part that this one extends: " + source.citation};
    }
  };
  taken_over(gpu.power.source);
  for (auto& [name, family] : gpu.families) {
    taken_over(family.source);
    family.rows = family.median_ape = family.p90_ape = 0;
  }
}

}  // namespace

GpuSpec read_gpu(const io::Value& document) {
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "gpu");
  GpuSpec out;
  out.name = reader.text("name");
  out.title = reader.text("title");
  out.architecture = reader.text("architecture");
  if (reader.has("device_names")) {
    out.device_names = reader.texts("device_names");
  }
  out.sms = static_cast<int>(reader.integer("sms", 1, 100000));
  out.boost_mhz = reader.number("boost_mhz", {100, 1e5});
  out.memory_gb = reader.number("memory_gb", {1, 1e5});
  out.memory_mib = reader.number("memory_mib", {100, 1e8});
  out.hbm_gb_s = reader.number("hbm_gb_s", {1, 1e6});
  out.l2_mb = reader.number("l2_mb", {0.1, 1e5});
  io::ObjectReader peaks(reader.child("peak_tflops"), findings);
  for (const std::string& format : kFormats) {
    if (const auto peak = peaks.optional_number(format, {1e-3, 1e9})) {
      out.peak_tflops[format] = *peak;
    }
  }
  peaks.finish();
  out.pcie_gb_s = reader.number("pcie_gb_s", {1, 1e5});
  out.nvlink_gb_s = reader.number("nvlink_gb_s", {0, 1e6});
  out.tdp_w = reader.number("tdp_w", {1, 1e5});
  out.launch_us = reader.number("launch_us", {0, 1e4});
  out.price_usd_per_hour = reader.number("price_usd_per_hour", io::kPositive);
  out.host = reader.text("host");
  out.power = read_power(reader.child("power"), out.tdp_w, findings);
  const io::Value& families = reader.child("families");
  for (const io::Entry& entry : families.fields) {
    out.families[entry.key] = read_family(entry.value, out, findings);
  }
  if (out.architecture == "hypothetical") {
    take_over_fits(out);
  }
  if (out.families.empty()) {
    reader.complain("families", "a GPU profile needs kernel families",
                    "a mapping of family name to parameters");
  }
  out.provenance = read_provenance(reader, findings);
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
