// SPDX-License-Identifier: Apache-2.0
// hopsim-collect: runs a CUDA program with the injection library and makes a trace of what it did.
#include <csignal>
#include <cstdio>
#include <exception>

#include "collect/options.hpp"
#include "collect/session.hpp"

int main(int argc, char** argv) {
  std::signal(SIGCHLD, SIG_DFL);  // a parent may have us ignore it, and then no child could be waited for
  try {
    const hopsim::collect::Options options = hopsim::collect::parse_options({argv + 1, argv + argc});
    if (options.help) {
      std::fputs(hopsim::collect::usage(), stdout);
      return 0;
    }
    if (!options.error.empty()) {
      std::fprintf(stderr, "error: %s\n", options.error.c_str());
      return 2;
    }
    return hopsim::collect::collect(options);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 2;
  }
}
