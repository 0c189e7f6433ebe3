// SPDX-License-Identifier: Apache-2.0
#include "microbench/options.hpp"

#include <algorithm>
#include <cstddef>

namespace hopsim::microbench {

namespace {

const std::set<std::string>& known_parts() {
  static const std::set<std::string> parts = {"gemm", "gemv", "small", "launch", "power"};
  return parts;
}

std::set<std::string> parse_parts(const std::string& text) {
  std::set<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string part = text.substr(from, comma - from);
    if (known_parts().count(part) == 0) {
      throw UsageError("--only: '" + part + "' is no part; allowed: gemm, gemv, small, launch, power");
    }
    parts.insert(part);
    from = comma + 1;
  }
  return parts;
}

double parse_seconds(const std::string& name, const std::string& text, double least) {
  try {
    std::size_t used = 0;
    const double value = std::stod(text, &used);
    if (used == text.size() && value >= least && value <= 1e9) return value;
  } catch (const std::logic_error&) {
    // reported below
  }
  throw UsageError(name + ": '" + text + "' is no number of seconds from " +
                   std::to_string(static_cast<int>(least)) + " on");
}

}  // namespace

const char* usage() {
  return "microbench [--out DIR] [--budget SECONDS] [--only gemm,gemv,small,launch,power] [--window "
         "SECONDS]\n"
         "           [--list]\n"
         "Measures kernels of decoder models, launches and power on GPU 0 and writes DIR/kernels.csv,\n"
         "small_kernels.csv, launch.csv, power.csv and meta.csv (parts: all but power unless --only names "
         "it).\n"
         "Rows are written as they come, the most valuable first; --budget ends the run in time. --list "
         "prints\n"
         "the rows and needs no GPU. --window: length of a power measurement, 5 or more. Changes no setting "
         "of the\n"
         "GPU. Exit codes: 0 done, 1 some rows failed, 2 usage or no GPU.\n";
}

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  options.parts = {"gemm", "gemv", "small", "launch"};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    const auto value = [&]() -> const std::string& {
      if (i + 1 == arguments.size()) throw UsageError(name + " needs a value");
      return arguments[++i];
    };
    if (name == "--out") {
      options.out = value();
    } else if (name == "--budget") {
      options.budget_s = parse_seconds(name, value(), 1);
    } else if (name == "--window") {
      options.window_s = parse_seconds(name, value(), 5);
    } else if (name == "--only") {
      options.parts = parse_parts(value());
    } else if (name == "--list") {
      options.list = true;
    } else if (name == "--help" || name == "-h") {
      options.help = true;
    } else {
      throw UsageError("'" + name + "' is no option of microbench; --help lists them");
    }
  }
  return options;
}

}  // namespace hopsim::microbench
