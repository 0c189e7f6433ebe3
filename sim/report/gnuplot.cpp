// SPDX-License-Identifier: Apache-2.0
#include "report/gnuplot.hpp"

#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "base/errors.hpp"
#include "io/files.hpp"

namespace hopsim::report {

namespace {

constexpr int kNotFound = 127;  // the shell's exit status for a command that does not exist

void run_gnuplot(const std::string& script) {
  // Ignored while writing, so that a gnuplot that is missing or gives up shows in its exit status.
  void (*const before)(int) = std::signal(SIGPIPE, SIG_IGN);
  FILE* pipe = popen("exec gnuplot - 2>/dev/null", "w");
  HOPSIM_CHECK(pipe != nullptr, "no pipe to gnuplot");
  std::fwrite(script.data(), 1, script.size(), pipe);
  const int status = pclose(pipe);
  std::signal(SIGPIPE, before);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotFound) {
    throw InputError(Location{}, "gnuplot is not installed", "on Debian: apt install gnuplot-nox");
  }
  HOPSIM_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "gnuplot rejected a script");
}

}  // namespace

void draw_with_gnuplot(const std::string& path,
                       const std::function<std::string(const std::string&)>& script_for) {
  io::check_output_path(path);
  const std::string part = io::partial_name(path);
  try {
    run_gnuplot(script_for(part));
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
  io::rename_file(part, path);
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    out += static_cast<unsigned char>(c) < 0x20 ? ' '
                                                : c;  // a line break would end the string and start a command
    if (c == '\'') {
      out += '\'';
    }
  }
  return out + "'";
}

}  // namespace hopsim::report
