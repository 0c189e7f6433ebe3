// SPDX-License-Identifier: Apache-2.0
#include "cupti/host_facts.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>

namespace hopsim::collect {

std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && text.back() == '\0') {
    text.pop_back();
  }
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\0' || c == '\n'; }, ' ');
  return text;
}

std::string host_cpu() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) == 0) {
      const std::size_t colon = line.find(": ");
      return colon == std::string::npos ? "" : line.substr(colon + 2);
    }
  }
  return "";
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[sizeof("2026-03-01T12:30:00Z")];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string version_in(const std::string& text) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool number = std::all_of(word.begin(), word.end(), [](char c) {
      return c == '.' || std::isdigit(static_cast<unsigned char>(c)) != 0;
    });
    if (number && word.find('.') != std::string::npos) {
      return word;
    }
  }
  return "";
}

std::string nvidia_driver_version() {
  for (const char* path : {"/proc/driver/nvidia/version", "/sys/module/nvidia/version"}) {
    std::ifstream file(path);
    std::string line;
    if (std::getline(file, line)) {
      return version_in(line);
    }
  }
  return "";
}

}  // namespace hopsim::collect
