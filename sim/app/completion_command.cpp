// SPDX-License-Identifier: Apache-2.0
// `hopsim completion bash|zsh`: a script made from the definitions of the commands themselves, so that it
// knows every command and option. Names of GPUs, models and so on are asked of `hopsim list` when they are
// wanted.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cctype>
#include <memory>

#include "app/command.hpp"
#include "base/errors.hpp"
#include "base/kernel_class.hpp"
#include "base/text.hpp"

namespace hopsim::app {

namespace {

struct CompletionOptions {
  std::string shell;
};

using Names = std::vector<std::string>;

// What `hopsim list` calls the names of a type, or nothing.
auto listed_as(const std::string& type) -> std::string {
  for (const char* name : {"GPU", "HOST", "MODEL", "STACK", "CHAIN", "EXPERIMENT"}) {
    if (type == name) {
      std::string out = type + "s";
      for (char& c : out) {
        c = static_cast<char>(std::tolower(c));
      }
      return out;
    }
  }
  return "";
}

// The words that a type allows, or nothing.
auto words_of(const std::string& type) -> Names {
  if (type == "CLASS") {
    return {kKernelClassNames.begin(), kKernelClassNames.end()};
  }
  return type.find('|') == std::string::npos ? Names{} : CLI::detail::split(type, '|');
}

auto is_file(const std::string& type) -> bool {
  return type == "FILE" || type == "TEXT" || type == "DIR" || !listed_as(type).empty();
}

auto takes_value(const CLI::Option& option) -> bool { return option.get_items_expected_max() > 0; }

auto flags_of(const CLI::Option& option) -> Names {
  Names out;
  for (const std::string& name : option.get_snames()) {
    out.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    out.push_back("--" + name);
  }
  return out;
}

auto commands_of(const CLI::App& app) -> std::vector<const CLI::App*> {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// What bash does for a value of a type.
auto bash_action(const std::string& type) -> std::string {
  if (const std::string list = listed_as(type); !list.empty()) {
    return "_hopsim_names " + list;
  }
  if (const Names words = words_of(type); !words.empty()) {
    return fmt::format("_hopsim_words '{}'", join(words, " "));
  }
  return type == "DIR" ? "_hopsim_files -d" : is_file(type) ? "_hopsim_files -f" : ":";
}

auto bash_command(const CLI::App& command) -> std::string {
  Names flags;
  std::string values;
  std::string positional = ":";
  for (const CLI::Option* option : command.get_options()) {
    const Names names = flags_of(*option);
    if (names.empty()) {
      positional = bash_action(option->get_type_name());
      continue;
    }
    flags.insert(flags.end(), names.begin(), names.end());
    if (takes_value(*option)) {
      values +=
          fmt::format("        {}) {}; return ;;\n", join(names, "|"), bash_action(option->get_type_name()));
    }
  }
  return fmt::format(
      "    {})\n      case $previous in\n{}      esac\n      flags='{}'\n"
      "      [[ $current == -* ]] || {{ {}; return; }} ;;\n",
      command.get_name(), values, join(flags, " "), positional);
}

constexpr const char* kBashHead = R"sh(# bash completion of hopsim, made by: hopsim completion bash
# Use: source <(hopsim completion bash)
_hopsim_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}
_hopsim_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}
_hopsim_names() {
  local program=${words[0]}
  command -v -- "$program" >/dev/null || program=hopsim
  _hopsim_words "$("$program" list "$1" --quiet 2>/dev/null)"
  ((${#COMPREPLY[@]})) || _hopsim_files -f
}
_hopsim_candidates() {
  local flags command=
  for word in "${words[@]:1:${#words[@]}-2}"; do
    [[ $word == -* ]] || { command=$word; break; }
  done
  case $command in
)sh";

constexpr const char* kBashTail = R"sh(    *) return ;;
  esac
  _hopsim_words "$flags"
}
_hopsim() {
  local line=${COMP_LINE:0:COMP_POINT} word current previous prefix= breaks=${COMP_WORDBREAKS//[^=:@]/}
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  COMPREPLY=()
  current=${words[-1]} previous=
  ((${#words[@]} > 1)) && previous=${words[-2]}
  if [[ $current == --*=* ]]; then
    previous=${current%%=*} prefix=$previous= current=${current#*=}
  fi
  _hopsim_candidates
  # What is completed begins after the last character that bash breaks words at, the candidates do not.
  local i whole=$prefix$current kept=
  [[ -n $breaks && $whole == *[$breaks]* ]] && kept=${whole%"${whole##*[$breaks]}"}
  for i in "${!COMPREPLY[@]}"; do
    word=$prefix${COMPREPLY[i]}
    COMPREPLY[i]=${word#"$kept"}
  done
}
complete -F _hopsim hopsim
)sh";

auto bash_script(const CLI::App& app) -> std::string {
  Names first;
  std::string commands;
  for (const CLI::App* command : commands_of(app)) {
    first.push_back(command->get_name());
    commands += bash_command(*command);
  }
  for (const CLI::Option* option : app.get_options()) {
    const Names flags = flags_of(*option);
    first.insert(first.end(), flags.begin(), flags.end());
  }
  return kBashHead + fmt::format("    '') flags='{}' ;;\n", join(first, " ")) + commands + kBashTail;
}

// Inside single quotes, where _arguments gives brackets and colons a meaning.
auto zsh_text(const std::string& text) -> std::string {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

// The space keeps _arguments from passing options of its own.
auto zsh_action(const std::string& type) -> std::string {
  if (const std::string list = listed_as(type); !list.empty()) {
    return fmt::format("{}: _hopsim_names {}", type, list);
  }
  if (const Names words = words_of(type); !words.empty()) {
    return fmt::format("value:({})", join(words, " "));
  }
  return type == "DIR" ? "folder:_files -/" : is_file(type) ? "file:_files" : zsh_text(type) + ": ";
}

auto zsh_command(const CLI::App& command) -> std::string {
  std::string out = fmt::format("    {})\n      _arguments -s \\\n", command.get_name());
  for (const CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    const Names flags = flags_of(*option);
    const bool many = option->get_items_expected_max() > 1;
    if (flags.empty()) {
      out += fmt::format("        '{}:{}' \\\n", many ? "*" : "", zsh_action(type));
    }
    for (const std::string& flag : flags) {
      const bool is_long = flag.starts_with("--");
      out +=
          fmt::format("        '{}{}{}[{}]{}' \\\n", many ? "*" : "", flag,
                      takes_value(*option) ? (is_long ? "=" : "+") : "", zsh_text(option->get_description()),
                      takes_value(*option) ? ":" + zsh_action(type) : "");
    }
  }
  return out.substr(0, out.size() - 3) + "\n      ;;\n";
}

constexpr const char* kZshHead = R"sh(#compdef hopsim
# zsh completion of hopsim, made by: hopsim completion zsh
# Use: hopsim completion zsh > a folder of fpath/_hopsim
_hopsim_names() {
  local -a names
  names=(${(f)"$(hopsim list $1 --quiet 2>/dev/null)"})
  compadd -a names
  _files
}
_hopsim() {
  local state line curcontext=$curcontext
  _arguments -C '--help[Help]' '--version[Version]' '1: :->command' '*:: :->argument'
  if [[ $state == command ]]; then
    local -a commands
    commands=(
)sh";

constexpr const char* kZshMiddle = R"sh(    )
    _describe command commands
    return
  fi
  case $words[1] in
)sh";

constexpr const char* kZshTail = R"sh(  esac
}
if [[ $funcstack[1] == _hopsim ]]; then
  _hopsim "$@"
else
  compdef _hopsim hopsim
fi
)sh";

auto zsh_script(const CLI::App& app) -> std::string {
  std::string commands, cases;
  for (const CLI::App* command : commands_of(app)) {
    commands += fmt::format("      '{}:{}'\n", command->get_name(), zsh_text(command->get_description()));
    cases += zsh_command(*command);
  }
  return kZshHead + commands + kZshMiddle + cases + kZshTail;
}

}  // namespace

Action register_completion(CLI::App& app) {
  auto options = std::make_shared<CompletionOptions>();
  Command command(app, "completion", "A script that completes hopsim's words in a shell");
  command.add_option("shell", &options->shell, "Whose script").type_name("bash|zsh").required();
  set_examples(command, "source <(hopsim completion bash) completes in this shell.",
               {"hopsim completion bash > hopsim.bash", "hopsim completion zsh > _hopsim"});
  return [options, &app] {
    if (options->shell != "bash" && options->shell != "zsh") {
      throw InputError(Location{}, fmt::format("no completion for the shell '{}'", options->shell),
                       suggestion(options->shell, {"bash", "zsh"}));
    }
    emit(options->shell == "bash" ? bash_script(app) : zsh_script(app), "");
    return 0;
  };
}

}  // namespace hopsim::app
