// SPDX-License-Identifier: Apache-2.0
#include "collect/options.hpp"

#include <getopt.h>

#include <array>
#include <charconv>
#include <string_view>

namespace hopsim::collect {

namespace {

enum Option { kEnergy = 256, kRange, kGraphTrace, kSpool, kKeepSpools, kWindow, kWindows, kHelp };

template <class Number>
bool parse(std::string_view text, Number& value, Number least, Number most) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size() && value >= least && value <= most;
}

void take(int option, const char* value, Options& out) {
  switch (option) {
    case 'o':
      out.output = value;
      break;
    case kRange:
      out.range = value;
      break;
    case kSpool:
      out.spool_dir = value;
      break;
    case kEnergy:
      out.energy = true;
      break;
    case kGraphTrace:
      out.graph_trace = true;
      break;
    case kKeepSpools:
      out.keep_spools = true;
      break;
    case kWindow:
      if (!parse(value, out.window_s, 0.01, 3600.0)) {
        out.error = std::string("--window-s ") + value + " is no number of seconds from 0.01 to 3600";
      }
      break;
    case kWindows:
      if (!parse(value, out.windows, 3, 1000)) {
        out.error = std::string("--windows ") + value + " is no whole number from 3 to 1000";
      }
      break;
    case 'h':
      out.help = true;
      break;
    default:
      break;
  }
}

void check(Options& out) {
  if (out.program.empty()) {
    out.error = "no program; hopsim-collect -o T.h5 -- PROGRAM ARGS...";
  } else if (!out.range.empty() && out.output.empty() && !out.spool_dir.empty()) {
    out.error = "--range needs -o T.h5; with --spool alone give it to hopsim import";
  } else if (out.output.empty() && out.spool_dir.empty()) {
    out.output = "trace.h5";
  }
}

}  // namespace

const char* usage() {
  return "hopsim-collect [-o T.h5] [OPTIONS] -- PROGRAM ARGS...\n"
         "Runs a CUDA program with CUPTI, unchanged, and makes a trace of what it did.\n\n"
         "  -o, --output T.h5   the trace (default trace.h5; needs the hopsim command)\n"
         "  --spool DIR         leave the raw spools in DIR; without -o nothing is imported\n"
         "  --keep-spools       keep the spools beside the trace, in T.h5.spools\n"
         "  --range NAME        only what ran inside NVTX ranges of this name\n"
         "  --graph-trace       one record a CUDA graph launch instead of one a kernel in it\n"
         "  --energy            run the program again without CUPTI and measure energy (NVML)\n"
         "  --window-s S        length of an energy window, at least 5 to be trusted (default 5)\n"
         "  --windows N         energy windows (default 3)\n"
         "Exit status: the program's; 1 the capture is doubtful, 2 no capture.\n";
}

Options parse_options(const std::vector<std::string>& arguments) {
  static const std::array<option, 10> kOptions = {{{"output", required_argument, nullptr, 'o'},
                                                   {"energy", no_argument, nullptr, kEnergy},
                                                   {"range", required_argument, nullptr, kRange},
                                                   {"graph-trace", no_argument, nullptr, kGraphTrace},
                                                   {"spool", required_argument, nullptr, kSpool},
                                                   {"keep-spools", no_argument, nullptr, kKeepSpools},
                                                   {"window-s", required_argument, nullptr, kWindow},
                                                   {"windows", required_argument, nullptr, kWindows},
                                                   {"help", no_argument, nullptr, 'h'},
                                                   {nullptr, 0, nullptr, 0}}};
  Options out;
  std::vector<std::string> copy = {"hopsim-collect"};
  copy.insert(copy.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : copy) {
    argv.push_back(argument.data());
  }
  const int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  optind = 0;  // glibc: start anew
  // '+': the program's own options are its own; ':': no messages of getopt's.
  for (int found = 0; (found = getopt_long(argc, argv.data(), "+:o:h", kOptions.data(), nullptr)) != -1 &&
                      out.error.empty();) {
    const std::string last = argv[static_cast<std::size_t>(optind - 1)];
    if (found == '?' || found == ':') {
      out.error = found == '?' ? "unknown option " + last : last + " needs a value";
      return out;
    }
    take(found, optarg, out);
  }
  out.program.assign(copy.begin() + optind, copy.end());
  if (out.error.empty() && !out.help) {
    check(out);
  }
  return out;
}

}  // namespace hopsim::collect
