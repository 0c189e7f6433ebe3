// SPDX-License-Identifier: Apache-2.0
// How a command describes its options. CLI11 parses them; its header costs ten seconds in every file that
// includes it, so this is what the commands see of it. Names and meanings are CLI11's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hopsim::app {

/// What an option is parsed into; an optional says whether it was given.
using OptionTarget = std::variant<std::string*, std::optional<std::string>*, std::vector<std::string>*, int*,
                                  std::size_t*, double*, std::vector<double>*>;

/// An option that was just added.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  /// What it takes, for --help and for shell completion: GPU, HOST, MODEL, STACK, CHAIN or EXPERIMENT (a name
  /// of hopsim list, or a file), CLASS (of a kernel), FILE, DIR, "a|b|c" (one of these words); TEXT may be a
  /// file; for anything else there are no candidates.
  Option& type_name(const std::string& name);
  Option& required();
  /// Any number of values, one at least.
  Option& many();
  Option& range(double low, double high);
  /// Values within one word.
  Option& delimiter(char between);
  /// --help shows what the target holds now.
  Option& capture_default_str();

 private:
  CLI::Option* option_;
};

/// A subcommand, or the program itself: a handle, which is copied.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}
  /// A new subcommand.
  Command(CLI::App& parent, const std::string& name, const std::string& help);

  /// The target must outlive the parsing.
  Option add_option(const std::string& names, OptionTarget target, const std::string& help);
  Option add_flag(const std::string& names, bool* target, const std::string& help);
  /// What --help ends with.
  void footer(const std::string& text);
  /// After the parsing.
  [[nodiscard]] bool given(const std::string& name) const;

 private:
  CLI::App* app_;
};

}  // namespace hopsim::app
