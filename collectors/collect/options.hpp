// SPDX-License-Identifier: Apache-2.0
// The command line of hopsim-collect. getopt_long, because hopsim-collect is built on GPU machines that have
// nothing but a compiler.
#pragma once

#include <string>
#include <vector>

namespace hopsim::collect {

struct Options {
  std::string output, spool_dir, range;
  bool energy = false, graph_trace = false, keep_spools = false, help = false;
  double window_s = 5;
  int windows = 3;
  std::vector<std::string> program;

  std::string error;  // what is wrong; empty where nothing is
};

[[nodiscard]] Options parse_options(const std::vector<std::string>& arguments);
[[nodiscard]] const char* usage();

}  // namespace hopsim::collect
