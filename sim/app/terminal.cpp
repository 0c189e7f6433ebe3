// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.hpp"

#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace hopsim::app {

namespace {

auto variable(const char* name) -> std::string_view {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

auto locale_is_utf8() -> bool {
  const locale_t locale = newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) {
    return false;
  }
  const bool out = std::string_view(nl_langinfo_l(CODESET, locale)) == "UTF-8";
  freelocale(locale);
  return out;
}

auto wants_colour(const CommonOptions& common) -> bool {
  if (common.color == "always" || common.color == "never") {
    return common.color == "always";
  }
  if (common.color != "auto") {
    throw InputError(Location{}, fmt::format("--color {} is unknown", common.color),
                     suggestion(common.color, {"auto", "always", "never"}));
  }
  return common.output.empty() && isatty(STDOUT_FILENO) == 1 && variable("NO_COLOR").empty() &&
         variable("TERM") != "dumb";
}

constexpr std::array<const char*, 6> kCodes = {"", "\033[32m", "\033[31m", "\033[33m", "\033[1m", "\033[2m"};

}  // namespace

std::string Style::paint(Paint paint, std::string_view text) const {
  if (!colour || paint == Paint::kPlain || text.empty()) {
    return std::string(text);
  }
  return fmt::format("{}{}\033[0m", kCodes[static_cast<std::size_t>(paint)], text);
}

Style style_of(const CommonOptions& common) { return {wants_colour(common), locale_is_utf8()}; }

std::string blocks(std::size_t count, const char* block, char ascii, const Style& style) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += style.utf8 ? std::string_view(block) : std::string_view(&ascii, 1);
  }
  return out;
}

std::string bar(double share, int width, const Style& style) {
  if (!(share > 0)) {
    return "";
  }
  const double columns = width * std::min(share, 1.0);
  if (!style.utf8) {
    return blocks(static_cast<std::size_t>(std::max(1L, std::lround(columns))), "", '#', style);
  }
  constexpr std::array<const char*, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const long eighths = std::max(1L, std::lround(8 * columns));
  return blocks(static_cast<std::size_t>(eighths / 8), "█", '#', style) +
         kEighths[static_cast<std::size_t>(eighths % 8)];
}

std::string wrapped(const std::string& words) {
  constexpr std::size_t kColumns = 98;
  std::string out, line;
  std::size_t from = 0;
  while (from < words.size()) {
    std::size_t to = words.find_first_of(",;:", from);
    while (to != std::string::npos && to + 1 < words.size() && words[to + 1] != ' ') {
      to = words.find_first_of(",;:", to + 1);  // of a number or a name
    }
    to = to == std::string::npos ? words.size() : std::min(words.size(), to + 2);
    const std::string piece = words.substr(from, to - from);
    if (!line.empty() && line.size() + piece.size() > kColumns) {
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
      line = "  ";
    }
    line += piece;
    from = to;
  }
  return out + line + "\n";
}

}  // namespace hopsim::app
