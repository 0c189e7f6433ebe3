// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "app/command.hpp"
#include "app/quantity_text.hpp"
#include "app/trace_text.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "spec/library.hpp"
#include "trace/import/import.hpp"
#include "trace/quality.hpp"
#include "trace/range_filter.hpp"
#include "trace/statistics.hpp"
#include "trace/trace_file.hpp"

namespace hopsim::app {

namespace {

struct ImportOptions {
  CommonOptions common;
  std::vector<std::string> files;
  std::string classes, range;
  bool allow_data_loss = false;
};

auto summary_json(const trace::Trace& trace, const trace::Statistics& s) -> io::Json {
  io::Json out = {{"kernels", trace.kernels.size()},
                  {"launches", trace.calls.size()},
                  {"memory_ops", trace.memory_ops.size()},
                  {"syncs", trace.syncs.size()},
                  {"ranges", trace.ranges.size()},
                  {"shapes", trace.shapes.size()},
                  {"streams", s.streams.size()},
                  {"devices", s.devices},
                  {"gpu", trace::attribute(trace, "gpu")},
                  {"span_s", s.span_s},
                  {"busy_s", s.busy_s},
                  {"dropped", trace::dropped_records(trace.quality)},
                  {"other_share", s.other_share}};
  out["quality"] = quality_json(trace);
  return out;
}

auto summary_text(const trace::Trace& trace, const trace::Statistics& s, const std::string& output)
    -> std::string {
  std::string out =
      fmt::format("{}: {} kernels, {} calls, {} copies and sets, {} syncs, {} ranges, {} streams\n", output,
                  trace.kernels.size(), trace.calls.size(), trace.memory_ops.size(), trace.syncs.size(),
                  trace.ranges.size(), s.streams.size());
  out += fmt::format("  {}   span {}, GPU busy {} ({:.1f} %), class other {:.1f} % of kernel time\n",
                     trace::attribute(trace, "gpu"), seconds_text(s.span_s), seconds_text(s.busy_s),
                     s.span_s > 0 ? 100 * s.busy_s / s.span_s : 0, 100 * s.other_share);
  return out + quality_text(trace);
}

// How fast the capture was read, and the most memory that the process has held.
struct Speed {
  double input_mb = 0, mb_per_s = 0, peak_memory_mb = 0;
};

auto measure(const trace::Trace& trace, double read_s) -> Speed {
  Speed out;
  out.input_mb = std::strtod(trace::attribute(trace, "input_bytes").c_str(), nullptr) * 1e-6;
  out.mb_per_s = out.input_mb / std::max(read_s, 1e-9);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  out.peak_memory_mb = static_cast<double>(usage.ru_maxrss) * 1024e-6;
  return out;
}

// House style 11: what contradicts itself shows in the exit status, after the trace is written.
int verdict(const trace::Trace& trace, const ImportOptions& options) {
  std::vector<std::string> found;
  for (const trace::QualityCount& q : trace::errors(trace.quality)) {
    found.push_back(fmt::format("{} {}", q.count, q.name));
  }
  if (found.empty() || options.allow_data_loss) {
    return 0;
  }
  std::fputs(
      fmt::format("error: {}: written, but the capture is doubtful: {}; --allow-data-loss accepts it\n",
                  options.common.output, join(found))
          .c_str(),
      stderr);
  return 1;
}

int run(const ImportOptions& options) {
  if (options.common.output.empty()) {
    throw InputError(Location{}, "no output file", "-o T.h5");
  }
  io::check_output_path(options.common.output);
  const spec::Library library = spec::Library::standard();
  const trace::KernelClasses classes =
      trace::load_kernel_classes(options.classes.empty() ? library.kernel_classes_path() : options.classes);
  const auto start = std::chrono::steady_clock::now();
  trace::Trace imported = trace::import_capture(options.files, classes);
  const double read_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Speed speed = measure(imported, read_s);
  if (!options.range.empty()) {
    imported = trace::only_in_range(std::move(imported), options.range, options.files.front());
  }
  trace::write_trace(imported, options.common.output);
  const trace::Statistics statistics = trace::summarise(imported);
  if (options.common.json) {
    io::Json out = summary_json(imported, statistics);
    out["read_s"] = read_s;
    out["read_mb_per_s"] = speed.mb_per_s;
    out["peak_memory_mb"] = speed.peak_memory_mb;
    emit(io::to_text(out), "");
  } else if (!options.common.quiet) {
    emit(summary_text(imported, statistics, options.common.output) +
             fmt::format("  {:.1f} MB (uncompressed) read at {:.0f} MB/s, at most {:.0f} MB of memory\n",
                         speed.input_mb, speed.mb_per_s, speed.peak_memory_mb),
         "");
  }
  return verdict(imported, options);
}

}  // namespace

Action register_import(CLI::App& app) {
  auto options = std::make_shared<ImportOptions>();
  Command command(app, "import", "A capture of hopsim-collect or another tool -> trace HDF5");
  command
      .add_option(
          "file", &options->files,
          "Spools of hopsim-collect or their folder, PyTorch profiler (Kineto) JSON, plain or .gz, or "
          "Nsight Systems SQLite export")
      .type_name("FILE")
      .required();
  command.add_option("--range", &options->range, "Only what ran inside NVTX ranges of this name")
      .type_name("NAME");
  command.add_flag("--allow-data-loss", &options->allow_data_loss,
                   "Exit 0 even where the capture contradicts itself");
  command
      .add_option("--classes", &options->classes,
                  "Kernel classes by name (default: traces/kernel_classes.yaml)")
      .type_name("FILE");
  add_common(command, options->common, "The trace to write (T.h5)");
  set_examples(
      command, "",
      {"hopsim import capture.json -o capture.h5", "hopsim import capture.json.gz -o capture.h5 --json",
       "hopsim import nsys.sqlite -o nsys.h5"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
