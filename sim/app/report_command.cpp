// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "report/band_tables.hpp"
#include "report/page/page.hpp"
#include "report/results_file.hpp"
#include "report/tables.hpp"
#include "report/trap_map.hpp"

namespace hopsim::app {

namespace {

constexpr std::size_t kMostMaps = 100;

struct ReportOptions {
  CommonOptions common;
  std::string file;
};

// What was written, by name within the folder.
struct Written {
  std::vector<std::string> maps, tables;
};
constexpr const char* kPage = "index.html";

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!std::filesystem::is_directory(folder)) {
    throw InputError(Location{folder}, "can't be made a folder");
  }
}

auto in_folder(const ReportOptions& options, const std::string& name) -> std::string {
  return (std::filesystem::path(options.common.output) / name).string();
}

auto draw_maps(const ReportOptions& options, const report::Results& results) -> std::vector<std::string> {
  const std::vector<report::MapView> all = report::map_views(results);
  std::vector<report::MapView> views = all;
  if (views.size() > kMostMaps) {
    fmt::print(stderr, "note: {} maps would be drawn, the first {} are\n", views.size(), kMostMaps);
    views.resize(kMostMaps);
  }
  std::vector<std::string> out;
  Progress progress("report", options.common.quiet);
  for (std::size_t i = 0; i < views.size(); ++i) {
    for (const char* ending : {".png", ".svg"}) {
      const std::string name = report::map_name(results, all, views[i]) + ending;
      if (report::draw_map(results, views[i], in_folder(options, name))) {
        out.push_back(name);
      }
    }
    progress.update(i + 1, views.size());
  }
  return out;
}

auto write_tables(const ReportOptions& options, const report::Results& results) -> std::vector<std::string> {
  std::vector<std::pair<std::string, std::string>> tables = {{"points.csv", report::points_csv(results)},
                                                             {"critical.csv", report::critical_csv(results)}};
  if (results.bands.draws > 0) {
    tables.emplace_back("point_bands.csv", report::point_bands_csv(results));
    tables.emplace_back("critical_bands.csv", report::critical_bands_csv(results));
  }
  std::vector<std::string> out;
  for (const auto& [name, text] : tables) {
    out.push_back(name);
    io::write_text_file(in_folder(options, name), text);
  }
  return out;
}

void print(const ReportOptions& options, const report::Results& results, const Written& written) {
  if (options.common.json) {
    io::Json files = io::Json::array();
    for (const auto* names : {&written.maps, &written.tables}) {
      for (const std::string& name : *names) {
        files.push_back(in_folder(options, name));
      }
    }
    files.push_back(in_folder(options, kPage));
    emit(io::to_text(io::Json{{"files", files}}), "");
  } else if (!options.common.quiet) {
    std::string out = fmt::format("{}: {} points\n", options.common.output, results.points.size());
    const auto line = [&](const std::string& names, const std::string& what) {
      out += fmt::format("  {:<22} {}\n", names, what);
    };
    line(kPage, "the page: opens in any browser, needs no network");
    if (!written.maps.empty()) {
      line("map_*.png, map_*.svg", fmt::format("{} of them, for papers", written.maps.size()));
    }
    line("*.csv", join(written.tables));
    emit(out, "");
  }
}

int run(const ReportOptions& options) {
  if (options.common.output.empty()) {
    throw InputError(Location{}, "no output folder", "-o DIR");
  }
  const report::Results results = report::read_results(options.file);
  if (results.points.empty()) {
    throw InputError(Location{options.file}, "no point of this sweep is finished",
                     "hopsim sweep --resume goes on with it");
  }
  if (!results.complete) {
    fmt::print(stderr, "note: the sweep was cut short: {} points so far, N* and B* not yet\n",
               results.points.size());
  }
  make_folder(options.common.output);
  Written written;
  written.maps = draw_maps(options, results);
  written.tables = write_tables(options, results);
  io::write_text_file(in_folder(options, kPage), report::page_html(results, options.file));
  print(options, results, written);
  return 0;
}

}  // namespace

Action register_report(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  Command command(app, "report", "A page (HTML), tables (CSV) and maps (PNG, SVG) from a results file");
  command.add_option("results", &options->file, "Results file of hopsim sweep").type_name("FILE").required();
  add_common(command, options->common, "Folder for the report, required", "DIR");
  set_examples(command, "", {"hopsim report results/trap_map.h5 -o results/trap_map"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
