// SPDX-License-Identifier: Apache-2.0
#include "app/command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "base/errors.hpp"
#include "io/files.hpp"

namespace hopsim::app {

void add_common(Command& command, CommonOptions& options, const std::string& output_help,
                const std::string& output_type) {
  command.add_flag("--json", &options.json, "One JSON document on stdout");
  command.add_flag("-q,--quiet", &options.quiet, "No progress; only the verdict, the names or nothing");
  command.add_option("-o,--output", &options.output, output_help).type_name(output_type);
  command
      .add_option("--color", &options.color, "Colours: on a terminal unless NO_COLOR is set (auto), or not")
      .type_name("auto|always|never");
}

void set_examples(Command& command, const std::string& explanation,
                  const std::vector<std::string>& examples) {
  std::string out = explanation.empty() ? "" : explanation + "\n\n";
  out += "Examples:\n";
  for (const std::string& example : examples) {
    out += "  " + example + "\n";
  }
  command.footer(out);
}

void emit(const std::string& text, const std::string& output) {
  if (output.empty()) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
      throw InputError(Location{}, "the result can't be written to stdout");
    }
  } else {
    io::write_text_file(output, text);
  }
}

}  // namespace hopsim::app
