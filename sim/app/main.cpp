// SPDX-License-Identifier: Apache-2.0
// The hopsim command. Exit status: 0 done, 1 a result outside what was asked for, 2 bad input or usage, 3 an
// internal error.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <utility>
#include <vector>

#include "app/command.hpp"
#include "app/git_revision.hpp"
#include "base/errors.hpp"

namespace {

constexpr int kBadInput = 2;
constexpr int kInternal = 3;

int run(int argc, char** argv) {
  CLI::App app{
      "hopsim: where lower precision costs energy and time instead of saving them.\n"
      "A discrete-event simulator of GPU reasoning chains, parameterised by measured kernels.\n"};
  app.footer(
      "Examples:\n"
      "  hopsim run --gpu h100-80-sxm --model mistral-7b --stack bnb/nf4 --batch 1\n"
      "  hopsim explain --gpu rtx-4090 --model llama-3.1-8b --stack bnb/nf4@0.45 --batch 8\n"
      "  hopsim sweep experiments/trap_map.yaml -o results/trap_map.h5\n"
      "  hopsim report results/trap_map.h5 -o results/trap_map\n"
      "  hopsim import capture.json.gz -o capture.h5 && hopsim trace capture.h5\n"
      "  hopsim validate\n"
      "  hopsim list gpus\n");
  app.set_version_flag(
      "--version", std::string("hopsim ") + hopsim::app::kVersion + " (" + hopsim::app::kGitRevision + ")");
  app.require_subcommand(1);
  const std::vector<std::pair<std::string, hopsim::app::Action>> actions = {
      {"import", hopsim::app::register_import(app)},
      {"trace", hopsim::app::register_trace(app)},
      {"calibrate", hopsim::app::register_calibrate(app)},
      {"predict", hopsim::app::register_predict(app)},
      {"replay", hopsim::app::register_replay(app)},
      {"run", hopsim::app::register_run(app)},
      {"explain", hopsim::app::register_explain(app)},
      {"sweep", hopsim::app::register_sweep(app)},
      {"report", hopsim::app::register_report(app)},
      {"validate", hopsim::app::register_validate(app)},
      {"list", hopsim::app::register_list(app)}};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) {
      return app.exit(e);
    }
    std::fprintf(stderr, "error: %s; see hopsim --help, hopsim COMMAND --help\n", e.what());
    return kBadInput;
  }
  for (const auto& [name, action] : actions) {
    if (app.got_subcommand(name)) {
      return action();
    }
  }
  throw hopsim::InternalError("no subcommand was chosen");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const hopsim::InputError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return kBadInput;
  } catch (const std::filesystem::filesystem_error& e) {
    std::fprintf(stderr, "error: %s\n",
                 e.what());  // a path that the system refuses: too long, a circle of links
    return kBadInput;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "internal error: %s\n", e.what());
    return kInternal;
  }
}
