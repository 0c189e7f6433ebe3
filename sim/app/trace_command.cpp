// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/command.hpp"
#include "app/trace_text.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "trace/critical_path.hpp"
#include "trace/kernel_table.hpp"
#include "trace/statistics.hpp"
#include "trace/trace_file.hpp"

namespace hopsim::app {

namespace {

struct TraceOptions {
  CommonOptions common;
  std::string file, table;
  std::size_t top = 10;
};

auto to_json(const trace::Distribution& d) -> io::Json {
  return {{"n", d.n},           {"total_us", d.total_us}, {"median_us", d.median_us},
          {"p90_us", d.p90_us}, {"min_us", d.min_us},     {"max_us", d.max_us}};
}

auto lists_json(const trace::Statistics& s, std::size_t top) -> io::Json {
  io::Json out;
  out["classes"] = io::Json::object();
  for (const trace::ClassSummary& c : s.classes) {
    out["classes"][std::string(to_text(c.cls))] = {{"n", c.n}, {"time_s", c.time_s}, {"gap_s", c.gap_s}};
  }
  out["kernels"] = io::Json::array();
  for (std::size_t i = 0; i < std::min(top, s.kernels.size()); ++i) {
    const trace::KernelSummary& k = s.kernels[i];
    out["kernels"].push_back({{"name", k.name},
                              {"class", to_text(k.cls)},
                              {"n", k.time.n},
                              {"time_s", k.time.total_us * 1e-6},
                              {"gap_s", k.gap_s},
                              {"time", to_json(k.time)}});
  }
  out["calls"] = io::Json::array();
  for (const trace::ApiSummary& c : s.calls) {
    out["calls"].push_back({{"name", c.name}, {"launches", c.launches}, {"time", to_json(c.time)}});
  }
  out["streams"] = io::Json::array();
  for (const trace::StreamSummary& stream : s.streams) {
    out["streams"].push_back(
        {{"device", stream.device}, {"stream", stream.stream}, {"n", stream.n}, {"busy_s", stream.busy_s}});
  }
  return out;
}

auto document(const trace::Trace& trace, const trace::Statistics& s, std::size_t top) -> io::Json {
  io::Json out = {{"gpu", trace::attribute(trace, "gpu")},
                  {"kernel_count", trace.kernels.size()},
                  {"launches", trace.calls.size()},
                  {"devices", s.devices},
                  {"span_s", s.span_s},
                  {"busy_s", s.busy_s},
                  {"idle_s", s.idle_s},
                  {"kernel_s", s.kernel_s},
                  {"host_bound_fraction", s.host_bound_fraction},
                  {"host_bound", s.host_bound_fraction > 0.5},
                  {"launch_to_start", to_json(s.launch_to_start)},
                  {"host_period", to_json(s.host_period)},
                  {"queue_depth_mean", s.queue_depth_mean},
                  {"queue_depth_max", s.queue_depth_max},
                  {"cor_kernel", s.cor_kernel},
                  {"casting_overlap_s", s.casting_overlap_s},
                  {"other_share", s.other_share}};
  out.update(lists_json(s, top));
  const trace::CriticalPath path = trace::critical_path(trace);
  out["critical_path"] = {{"kernels_s", path.kernels_s},
                          {"device_gap_s", path.device_gap_s},
                          {"launch_s", path.launch_s},
                          {"host_s", path.host_s},
                          {"operations", path.operations}};
  out["quality"] = quality_json(trace);
  out["attributes"] = io::Json::object();
  for (const auto& [name, value] : trace.attributes) {
    out["attributes"][name] = value;
  }
  return out;
}

int run(const TraceOptions& options) {
  const trace::Trace trace = trace::read_trace(options.file);
  if (!options.table.empty()) {
    io::write_text_file(options.table, trace::kernel_table_csv(trace));
  }
  const trace::Statistics statistics = trace::summarise(trace);
  const std::string text = options.common.json ? io::to_text(document(trace, statistics, options.top))
                                               : trace_text(trace, statistics, options.top);
  if (options.common.json || !options.common.quiet || !options.common.output.empty()) {
    emit(text, options.common.output);
  }
  return 0;
}

}  // namespace

Action register_trace(CLI::App& app) {
  auto options = std::make_shared<TraceOptions>();
  Command command(app, "trace", "What a trace holds: classes, kernels, calls, who waits for whom");
  command.add_option("file", &options->file, "A trace (T.h5), made by hopsim import")
      .type_name("FILE")
      .required();
  command.add_option("--top", &options->top, "Kernels to list, longest first")
      .type_name("N")
      .capture_default_str();
  command
      .add_option("--table", &options->table,
                  "Write the matrix products, with sizes, as a kernel table (CSV)")
      .type_name("FILE");
  add_common(command, options->common, "Write the summary into this file");
  set_examples(command, "",
               {"hopsim trace capture.h5", "hopsim trace capture.h5 --top 20 --table capture.csv",
                "hopsim trace capture.h5 --json"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
