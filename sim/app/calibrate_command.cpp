// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "cost/fit/family_fit.hpp"
#include "cost/fit/profile_text.hpp"
#include "cost/fit/transfer.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "spec/library.hpp"
#include "trace/kernel_table.hpp"
#include "trace/trace_file.hpp"

namespace hopsim::app {

namespace {

namespace fit = cost::fit;
namespace fs = std::filesystem;

struct CalibrateOptions {
  CommonOptions common;
  std::string base, name, corrections, source;
  std::vector<std::string> traces, tables, relatives;
  double transfer_error90 = 0.3;
};

struct Outcome {
  std::string name;
  std::size_t rows = 0;
  fit::ErrorStatistics all, skinny;
  std::string note;  // what was left out, or why there is no fit
  bool fitted = false;
};

struct Calibration {
  std::vector<Outcome> outcomes;
  std::map<std::string, spec::KernelFamily> families;
  std::map<std::string, fit::UnknownFormat> left_out;  // rows, by number format
};

auto tables_of(const CalibrateOptions& options) -> std::vector<fit::KernelTable> {
  std::vector<fit::KernelTable> out;
  for (const std::string& path : options.tables) {
    out.push_back(fit::read_kernel_table(path));
  }
  for (const std::string& path : options.traces) {
    out.push_back(fit::kernel_table_from(
        io::parse_csv(trace::kernel_table_csv(trace::read_trace(path)), path + " (matrix products)")));
  }
  return out;
}

void check(const CalibrateOptions& options) {
  if (options.common.output.empty()) {
    throw InputError(Location{}, "no output profile", "-o P2.yaml");
  }
  if (options.tables.empty() && options.traces.empty() && options.relatives.empty()) {
    throw InputError(Location{}, "nothing to calibrate from",
                     "traces (T.h5), --table K.csv, or --relatives of measured GPUs");
  }
  io::check_output_path(options.common.output);
}

auto calibrate(const CalibrateOptions& options, const spec::GpuSpec& gpu, const spec::FamilyRules& rules)
    -> Calibration {
  const std::vector<fit::KernelTable> tables = tables_of(options);
  const std::vector<fit::FamilyData> data = fit::family_data(tables, rules, gpu);
  Progress progress("calibrating", options.common.quiet || options.common.json);
  std::size_t done = 0;
  const std::size_t total = data.size() * (fit::kFolds + 1);
  Calibration out;
  out.left_out = fit::unknown_formats(tables, rules);
  for (const fit::FamilyData& one : data) {
    if (!one.rule->tensor_peak.empty() && !gpu.peak_tflops.contains(one.rule->tensor_peak)) {
      throw InputError(Location{options.base},
                       fmt::format("this GPU has no tensor peak '{}', which family '{}' needs",
                                   one.rule->tensor_peak, one.rule->name));
    }
    Outcome outcome{one.rule->name, one.rows, {}, {}, one.notes(), false};
    auto fitted = fit::fit_family(one, gpu, outcome.note, [&] { progress.update(++done, total); });
    if (fitted) {
      outcome.fitted = true;
      outcome.note = fitted->notes;
      if (!options.source.empty()) {
        std::string& citation = fitted->family.source.citation;
        citation = options.source + ", " + citation;
      }
      outcome.all = fitted->all;
      outcome.skinny = fitted->skinny;
      out.families[one.rule->name] = std::move(fitted->family);
    }
    out.outcomes.push_back(std::move(outcome));
  }
  return out;
}

void borrow(const CalibrateOptions& options, const spec::GpuSpec& gpu, const spec::FamilyRules& rules,
            Calibration& calibration) {
  std::vector<spec::GpuSpec> relatives;
  const spec::Library library = spec::Library::standard();
  for (const std::string& name : options.relatives) {
    relatives.push_back(spec::load_gpu(library.gpu_path(name)));
  }
  std::map<std::string, spec::KernelFamily> own = calibration.families;
  own.insert(gpu.families.begin(), gpu.families.end());
  for (auto& [name, family] : fit::borrowed_families(gpu, own, relatives, rules, options.transfer_error90)) {
    calibration.outcomes.push_back({name, 0, {}, {}, family.source.citation, false});
    calibration.families.emplace(name, std::move(family));
  }
}

auto relative_to(const std::string& file, const std::string& base) -> std::string {
  const fs::path folder = fs::absolute(file).parent_path();
  return fs::absolute(base).lexically_normal().lexically_relative(folder.lexically_normal()).generic_string();
}

void write_profiles(const CalibrateOptions& options, const std::string& name,
                    const Calibration& calibration) {
  const std::string& output = options.common.output;
  const bool corrected = std::any_of(calibration.families.begin(), calibration.families.end(),
                                     [](const auto& family) { return !family.second.correction.empty(); });
  const bool apart = corrected && !options.corrections.empty();
  fit::ProfileText head{name, relative_to(output, apart ? options.corrections : options.base),
                        "hopsim calibrate"};
  if (apart) {
    io::write_text_file(
        options.corrections,
        fit::corrections_text({name, relative_to(options.corrections, options.base), head.origin},
                              calibration.families));
  }
  io::write_text_file(output, fit::profile_text(head, calibration.families, !apart));
}

auto errors_json(const fit::ErrorStatistics& e) -> io::Json {
  return {{"n", e.n}, {"median_ape", e.median_ape}, {"p90_ape", e.p90_ape}, {"coverage90", e.coverage}};
}

auto document(const std::string& name, const Calibration& calibration) -> io::Json {
  io::Json out = {{"gpu", name}, {"families", io::Json::array()}};
  for (const Outcome& o : calibration.outcomes) {
    io::Json entry = {{"name", o.name}, {"rows", o.rows}, {"fitted", o.fitted}};
    if (o.fitted) {
      entry.update(errors_json(o.all));
      entry["m_le_64"] = errors_json(o.skinny);
      const spec::KernelFamily& family = calibration.families.at(o.name);
      entry["parameters"] = io::Json::object();
      for (const auto& [parameter, value] : family.parameters) {
        entry["parameters"][parameter] = value.value;
      }
    }
    entry["note"] = o.note;
    out["families"].push_back(std::move(entry));
  }
  out["left_out"] = io::Json::array();
  for (const auto& [dtype, rows] : calibration.left_out) {
    out["left_out"].push_back({{"dtype", dtype}, {"rows", rows.rows}, {"why", rows.why}});
  }
  return out;
}

auto text(const Calibration& calibration) -> std::string {
  std::string out = fmt::format("{:<24}{:>7}{:>9}{:>8}{:>11}{:>8}{:>10}  {}\n", "family", "rows", "median",
                                "p90", "m<=64", "p90", "in 90 %", "note");
  for (const Outcome& o : calibration.outcomes) {
    out += o.fitted
               ? fmt::format("{:<24}{:>7}{:>8.1f}%{:>7.1f}%{:>10.1f}%{:>7.1f}%{:>9.0f}%  {}\n", o.name,
                             o.all.n, 100 * o.all.median_ape, 100 * o.all.p90_ape, 100 * o.skinny.median_ape,
                             100 * o.skinny.p90_ape, 100 * o.all.coverage, o.note)
               : fmt::format("{:<24}{:>7}{:>53}  {}\n", o.name, o.rows, "", o.note);
  }
  for (const auto& [dtype, rows] : calibration.left_out) {
    out += fmt::format("{} {} left out: {}\n", rows.rows, rows.rows == 1 ? "row" : "rows", rows.why);
  }
  return out + "Errors are those of rows whose shape the fit had not seen (five folds).\n";
}

auto why_nothing(const Calibration& calibration) -> std::string {
  if (!calibration.outcomes.empty()) {
    return calibration.outcomes.front().note;
  }
  return calibration.left_out.empty() ? "the tables hold no latencies"
                                      : calibration.left_out.begin()->second.why;
}

int run(const CalibrateOptions& options) {
  check(options);
  const spec::Library library = spec::Library::standard();
  const spec::GpuSpec gpu = spec::load_gpu(library.gpu_path(options.base));
  const spec::FamilyRules rules = spec::load_family_rules(library.kernel_families_path());
  Calibration calibration = calibrate(options, gpu, rules);
  borrow(options, gpu, rules, calibration);
  if (calibration.families.empty()) {
    throw InputError(Location{}, "nothing could be fitted", why_nothing(calibration));
  }
  CalibrateOptions resolved = options;
  resolved.base = library.gpu_path(options.base);
  const std::string name =
      options.name.empty() ? fs::path(options.common.output).stem().string() : options.name;
  write_profiles(resolved, name, calibration);
  if (options.common.json) {
    emit(io::to_text(document(name, calibration)), "");
  } else if (!options.common.quiet) {
    emit(text(calibration), "");
  }
  return 0;
}

}  // namespace

Action register_calibrate(CLI::App& app) {
  auto options = std::make_shared<CalibrateOptions>();
  Command command(app, "calibrate", "Fit kernel families to measured kernels, with held-out errors");
  command
      .add_option("--base", &options->base, "The GPU's profile: specification, and what is not fitted here")
      .type_name("GPU")
      .required();
  command.add_option("traces", &options->traces, "Traces (T.h5): their matrix products").type_name("FILE");
  command.add_option("--table", &options->tables, "Kernel tables (CSV)").type_name("FILE").many();
  command
      .add_option("--relatives", &options->relatives,
                  "Measured GPUs that lend the families that are still missing")
      .type_name("GPU")
      .many();
  command
      .add_option("--transfer-error90", &options->transfer_error90,
                  "90 % error of borrowed families, added to their own")
      .range(0, 10)
      .capture_default_str();
  command
      .add_option("--corrections", &options->corrections,
                  "Write the correction surfaces into this profile, which the output then extends")
      .type_name("FILE");
  command.add_option("--source", &options->source, "Citation of the tables, for the families' source")
      .type_name("TEXT");
  command.add_option("--name", &options->name, "Name of the new profile (default: that of the file)")
      .type_name("NAME");
  add_common(command, options->common, "The profile to write");
  set_examples(
      command,
      "A kernel table is a CSV: framework,version,kernel,dtype,m,n,k,latency_us (hw_profiles/README.md).",
      {"hopsim calibrate --base h100-80-sxm --table kernels.csv -o my-h100.yaml",
       "hopsim calibrate --base h100-80-sxm --table kernels.csv -o my-h100.yaml --json"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
