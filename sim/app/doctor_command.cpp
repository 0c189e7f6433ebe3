// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/command.hpp"
#include "app/doctor.hpp"
#include "app/git_revision.hpp"
#include "app/terminal.hpp"
#include "io/json.hpp"

namespace hopsim::app {

namespace {

auto paint_of(Check::State state) -> Paint {
  return state == Check::State::kOk        ? Paint::kGood
         : state == Check::State::kMissing ? Paint::kWarn
                                           : Paint::kBad;
}

auto text_of(const std::vector<Check>& checks, const Style& style) -> std::string {
  std::string out = fmt::format("hopsim {} ({})\n", kVersion, kGitRevision);
  std::string group;
  for (const Check& check : checks) {
    if (check.group != group) {
      group = check.group;
      out += fmt::format("\n{}\n", style.paint(Paint::kStrong, group));
    }
    out += fmt::format("  {}{:<15}{}\n",
                       style.paint(paint_of(check.state), fmt::format("{:<9}", to_text(check.state))),
                       check.name, check.detail);
    if (!check.remedy.empty()) {
      constexpr int kIndent = 26;
      out += fmt::format("{:{}}needed for: {}\n{:{}}to mend it: {}\n", "", kIndent, check.needed_for, "",
                         kIndent, check.remedy);
    }
  }
  return out;
}

auto json_of(const std::vector<Check>& checks, bool works) -> io::Json {
  io::Json out = {
      {"works", works}, {"version", kVersion}, {"revision", kGitRevision}, {"checks", io::Json::array()}};
  for (const Check& check : checks) {
    out["checks"].push_back({{"group", check.group},
                             {"name", check.name},
                             {"state", to_text(check.state)},
                             {"detail", check.detail},
                             {"needed_for", check.needed_for},
                             {"remedy", check.remedy}});
  }
  return out;
}

int run(const CommonOptions& options) {
  std::vector<Check> checks = core_checks();
  const bool works = std::all_of(checks.begin(), checks.end(),
                                 [](const Check& check) { return check.state == Check::State::kOk; });
  for (const std::vector<Check>& more : {optional_checks(), capture_checks()}) {
    checks.insert(checks.end(), more.begin(), more.end());
  }
  if (options.json || !options.quiet || !options.output.empty()) {
    const std::string last = works ? "\nSimulations work.\n" : "\nSimulations do not work: see above.\n";
    emit(options.json ? io::to_text(json_of(checks, works)) : text_of(checks, style_of(options)) + last,
         options.output);
  }
  return works ? 0 : 1;
}

}  // namespace

Action register_doctor(CLI::App& app) {
  auto options = std::make_shared<CommonOptions>();
  Command command(app, "doctor", "What works here, and what is missing for what");
  add_common(command, *options, "Write the findings into this file");
  set_examples(command, "", {"hopsim doctor", "hopsim doctor --json"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
