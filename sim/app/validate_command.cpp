// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "base/errors.hpp"
#include "io/json.hpp"
#include "metrics/validation.hpp"

namespace hopsim::app {

namespace {

using metrics::ValidationResult;

struct ValidateOptions {
  CommonOptions common;
  std::vector<std::string> files;
};

auto optional_json(const std::optional<double>& x) -> io::Json {
  return x ? io::Json(*x) : io::Json(nullptr);
}

auto summary_json(const std::vector<ValidationResult>& results) -> io::Json {
  const metrics::ErrorSummary summary = metrics::summarise(results);
  return {{"n", summary.n},
          {"median_ape", optional_json(summary.median_ape)},
          {"p90_ape", optional_json(summary.p90_ape)},
          {"sign_agreement", optional_json(metrics::sign_agreement(results))}};
}

auto row_json(const ValidationResult& r) -> io::Json {
  return {{"suite", r.suite},
          {"name", r.name},
          {"metric", spec::to_text(r.metric)},
          {"measured", r.measured},
          {"predicted", optional_json(r.predicted)},
          {"error", optional_json(r.error)},
          {"fitted", r.fitted},
          {"host_speed", r.host_speed},
          {"note", r.note}};
}

auto only(const std::vector<ValidationResult>& results, bool fitted) -> std::vector<ValidationResult> {
  std::vector<ValidationResult> out;
  std::copy_if(results.begin(), results.end(), std::back_inserter(out),
               [&](const auto& r) { return r.fitted == fitted; });
  return out;
}

auto summary_line(const std::string& name, const std::vector<ValidationResult>& results) -> std::string {
  const metrics::ErrorSummary s = metrics::summarise(results);
  const std::optional<double> sign = metrics::sign_agreement(results);
  std::string out = fmt::format("{:<28}{:>5} numbers", name, s.n);
  if (s.median_ape) {
    out += fmt::format("   median error {:.1f} %, p90 {:.1f} %", 100 * *s.median_ape, 100 * *s.p90_ape);
  }
  if (sign) {
    out += fmt::format(", sign right in {:.0f} %", 100 * *sign);
  }
  return out + "\n";
}

auto table(const std::vector<ValidationResult>& results) -> std::string {
  std::string out =
      fmt::format("{:<44}{:<13}{:>10}{:>11}{:>9}\n", "row", "metric", "measured", "predicted", "error");
  for (const ValidationResult& r : results) {
    out += fmt::format("{:<44}{:<13}{:>10.4g}", r.name.substr(0, 43), spec::to_text(r.metric), r.measured);
    if (r.predicted) {
      const bool difference = r.metric == spec::Metric::kCor;
      out += fmt::format(
          "{:>11.4g}{:>9}", *r.predicted,
          difference ? fmt::format("{:+.2f}", *r.error) : fmt::format("{:+.1f} %", 100 * *r.error));
    } else {
      out += fmt::format("{:>11}  {}", "-", r.note);
    }
    out += r.fitted ? "  fitted\n" : "\n";
  }
  return out;
}

// The shipped suites, sorted by name.
auto shipped(const spec::Library& library) -> std::vector<std::string> {
  std::vector<std::string> out;
  const std::string folder = library.root() + "/tests/validation";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") {
      out.push_back(entry.path().string());
    }
  }
  if (out.empty()) {
    throw InputError(Location{folder}, "no shipped suites here", "name a suite file");
  }
  std::sort(out.begin(), out.end());
  return out;
}

int run(const ValidateOptions& options) {
  spec::Catalog catalog(spec::Library::standard());
  const std::vector<std::string> files = options.files.empty() ? shipped(catalog.library()) : options.files;
  std::vector<spec::ValidationSuite> suites;
  for (const std::string& file : files) {
    suites.push_back(spec::load_validation(file));
  }
  std::vector<ValidationResult> all;
  io::Json per_suite = io::Json::array();
  std::string text;
  bool passed = true;
  Progress progress("validate", options.common.quiet);
  for (std::size_t i = 0; i < suites.size(); ++i) {
    const std::vector<ValidationResult> results = metrics::validate(suites[i], catalog);
    const metrics::ErrorSummary summary = metrics::summarise(results);
    const bool good = !summary.median_ape || *summary.median_ape <= suites[i].tolerance;
    passed = passed && good;
    io::Json entry = summary_json(results);
    entry["name"] = suites[i].name;
    entry["source"] = suites[i].source;
    entry["tolerance"] = suites[i].tolerance;
    entry["passed"] = good;
    per_suite.push_back(std::move(entry));
    text += (options.common.quiet ? "" : table(results)) + summary_line(suites[i].name, results) +
            (good ? "" : "  ABOVE ITS TOLERANCE\n") + (options.common.quiet ? "" : "\n");
    all.insert(all.end(), results.begin(), results.end());
    progress.update(i + 1, suites.size());
  }
  const std::vector<ValidationResult> unseen = only(all, false);
  if (options.common.json) {
    io::Json out = summary_json(unseen);
    out["fitted"] = summary_json(only(all, true));
    out["passed"] = passed;
    out["suites"] = std::move(per_suite);
    out["rows"] = io::Json::array();
    for (const ValidationResult& result : all) {
      out["rows"].push_back(row_json(result));
    }
    text = io::to_text(out);
  } else {
    text += summary_line("rows nothing was fitted to", unseen) +
            summary_line("rows that were fitted", only(all, true));
  }
  emit(text, options.common.output);
  return passed ? 0 : 1;
}

}  // namespace

Action register_validate(CLI::App& app) {
  auto options = std::make_shared<ValidateOptions>();
  Command command(app, "validate", "Measurements by others against the simulator; exit 1 above tolerance");
  command
      .add_option("suites", &options->files, "Suite files (hopsim: validation/1); default: the shipped ones")
      .type_name("FILE");
  add_common(command, options->common, "Write the result into this file");
  set_examples(command, "", {"hopsim validate", "hopsim validate --json -o validation.json"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
