// SPDX-License-Identifier: Apache-2.0
// The hopsim command. Exit status: 0 done, 1 a result outside what was asked for, 2 bad input or usage, 3 an
// internal error.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/command.hpp"
#include "app/git_revision.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"

namespace {

constexpr int kBadInput = 2;
constexpr int kInternal = 3;

// Help of at most 100 columns.
class Help : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_option_desc(const CLI::Option* option) const override {
    constexpr std::size_t kColumns = 70;
    std::string out;
    std::size_t in_line = 0;
    for (const std::string& word : CLI::detail::split(option->get_description(), ' ')) {
      const bool fits = in_line + 1 + word.size() <= kColumns;
      out += out.empty() ? "" : fits ? " " : "\n";
      in_line = fits ? in_line + 1 + word.size() : word.size();
      out += word;
    }
    return out;
  }
};

auto command_named(CLI::App& app, const std::string& name) -> CLI::App* {
  const auto found = app.get_subcommands([&](CLI::App* command) { return command->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

// A command without arguments that needs some: its examples.
void teach(CLI::App& app, int argc, char** argv) {
  const CLI::App* command = argc == 2 ? command_named(app, argv[1]) : nullptr;
  if (command != nullptr) {
    const std::string footer = command->get_footer();
    const std::size_t examples = footer.find("Examples:");
    std::fprintf(stderr, "\n%s\nhopsim %s --help says more.\n",
                 examples == std::string::npos ? "" : footer.c_str() + examples, argv[1]);
  }
}

// The parser's words, or what a misspelt command or option was meant to be.
auto what_is_wrong(CLI::App& app, int argc, char** argv, const CLI::ParseError& e) -> std::string {
  std::vector<std::string> known;
  CLI::App* command = command_named(app, argv[1]);
  if (command == nullptr) {
    for (const CLI::App* each : app.get_subcommands([](CLI::App*) { return true; })) {
      known.push_back(each->get_name());
    }
    return argv[1][0] == '-'
               ? std::string(e.what()) + "; see hopsim --help"
               : fmt::format("unknown command '{}'; {}", argv[1], hopsim::suggestion(argv[1], known));
  }
  const std::string see = fmt::format("see hopsim {} --help", argv[1]);
  for (const CLI::Option* option : command->get_options()) {
    for (const std::string& name : option->get_lnames()) {
      known.push_back("--" + name);
    }
  }
  for (int i = 2; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (word.starts_with("--") && word != "--" &&
        std::find(known.begin(), known.end(), word) == known.end()) {
      const std::string meant = hopsim::nearest(word, known);
      return fmt::format("unknown option '{}'; {}{}", word,
                         meant.empty() ? "" : fmt::format("did you mean '{}'? ", meant), see);
    }
  }
  return std::string(e.what()) + "; " + see;
}

int run(int argc, char** argv) {
  CLI::App app{
      "hopsim: where lower precision costs energy and time instead of saving them.\n"
      "A discrete-event simulator of GPU reasoning chains, parameterised by measured kernels.\n",
      "hopsim"};
  app.formatter(std::make_shared<Help>());  // before the commands, which inherit it
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
      {"list", hopsim::app::register_list(app)},
      {"doctor", hopsim::app::register_doctor(app)},
      {"completion", hopsim::app::register_completion(app)}};
  // Last: what is registered before would inherit them.
  hopsim::app::Command program(app);
  hopsim::app::set_examples(
      program, "",
      {"hopsim run --gpu h100-80-sxm --model mistral-7b --stack bnb/nf4",
       "hopsim explain --gpu rtx-4090 --model llama-3.1-8b --stack bnb/nf4@0.45 --batch 8",
       "hopsim sweep trap_map -o trap_map.h5 && hopsim report trap_map.h5 -o trap_map",
       "hopsim import capture.json -o capture.h5 && hopsim trace capture.h5", "hopsim list gpus",
       "hopsim doctor"});
  if (argc < 2) {
    std::fputs(app.help().c_str(), stderr);
    return kBadInput;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) {
      return app.exit(e);
    }
    std::fprintf(stderr, "error: %s\n", what_is_wrong(app, argc, argv, e).c_str());
    teach(app, argc, argv);
    return kBadInput;
  }
  for (const auto& [name, action] : actions) {
    if (!app.got_subcommand(name)) {
      continue;
    }
    try {
      return action();
    } catch (const hopsim::InputError& e) {
      std::fprintf(stderr, "%s\n", e.what());
      teach(app, argc, argv);
      return kBadInput;
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
