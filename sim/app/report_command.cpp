// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "base/errors.hpp"
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

int run(const ReportOptions& options) {
  if (options.common.output.empty()) {
    throw InputError(Location{}, "no output folder", "-o DIR");
  }
  const report::Results results = report::read_results(options.file);
  if (!results.complete) {
    fmt::print(stderr, "note: the sweep was cut short: {} points so far, N* and B* not yet\n",
               results.points.size());
  }
  std::error_code error;
  std::filesystem::create_directories(options.common.output, error);
  if (!std::filesystem::is_directory(options.common.output)) {
    throw InputError(Location{options.common.output}, "can't be made a folder");
  }
  std::vector<std::string> files;
  const auto path = [&](const std::string& name) {
    return (std::filesystem::path(options.common.output) / name).string();
  };
  const std::vector<report::MapView> all = report::map_views(results);
  std::vector<report::MapView> views = all;
  if (views.size() > kMostMaps) {
    fmt::print(stderr, "note: {} maps would be drawn, the first {} are\n", views.size(), kMostMaps);
    views.resize(kMostMaps);
  }
  {
    Progress progress("report", options.common.quiet);
    for (std::size_t i = 0; i < views.size(); ++i) {
      for (const char* ending : {".png", ".svg"}) {
        const std::string file = path(report::map_name(results, all, views[i]) + ending);
        if (report::draw_map(results, views[i], file)) {
          files.push_back(file);
        }
      }
      progress.update(i + 1, views.size());
    }
  }
  std::vector<std::pair<std::string, std::string>> tables = {{"points.csv", report::points_csv(results)},
                                                             {"critical.csv", report::critical_csv(results)}};
  if (results.bands.draws > 0) {
    tables.emplace_back("point_bands.csv", report::point_bands_csv(results));
    tables.emplace_back("critical_bands.csv", report::critical_bands_csv(results));
  }
  for (const auto& [name, text] : tables) {
    files.push_back(path(name));
    io::write_text_file(files.back(), text);
  }
  files.push_back(path("index.html"));
  io::write_text_file(files.back(), report::page_html(results, options.file));
  if (options.common.json) {
    emit(io::to_text(io::Json{{"files", files}}), "");
  } else if (!options.common.quiet) {
    std::string out;
    for (const std::string& file : files) {
      out += file + "\n";
    }
    emit(out, "");
  }
  return 0;
}

}  // namespace

Action register_report(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  Command command(app, "report", "A page (HTML), tables (CSV) and maps (PNG, SVG) from a results file");
  command.add_option("results", &options->file, "Results file of hopsim sweep").required();
  add_common(command, options->common, "Folder for the report, required");
  set_examples(command, "", {"hopsim report results/trap_map.h5 -o results/trap_map"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
