// SPDX-License-Identifier: Apache-2.0
// What every subcommand has in common: options, where output goes, and how it is registered.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/options.hpp"

namespace hopsim::app {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  std::string output;          // -o
  std::string color = "auto";  // --color, see app/terminal.hpp
};

/// Adds --json, --quiet, --color and -o; `output_help` says what -o names, `output_type` whether it is a FILE
/// or a DIR.
void add_common(Command& command, CommonOptions& options, const std::string& output_help,
                const std::string& output_type = "FILE");

/// What --help ends with: an explanation, if any, and commands that work as typed.
void set_examples(Command& command, const std::string& explanation, const std::vector<std::string>& examples);

/// The result of a command: to stdout, or into the file of -o when `to_file`.
void emit(const std::string& text, const std::string& output);

/// Registers a subcommand; the returned function runs it when it was chosen. Exit status of the program.
using Action = std::function<int()>;
Action register_run(CLI::App& app);
Action register_explain(CLI::App& app);
Action register_sweep(CLI::App& app);
Action register_report(CLI::App& app);
Action register_replay(CLI::App& app);
Action register_list(CLI::App& app);
Action register_validate(CLI::App& app);
Action register_calibrate(CLI::App& app);
Action register_predict(CLI::App& app);
Action register_import(CLI::App& app);
Action register_trace(CLI::App& app);
Action register_doctor(CLI::App& app);
Action register_completion(CLI::App& app);

}  // namespace hopsim::app
