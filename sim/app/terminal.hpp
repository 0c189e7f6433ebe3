// SPDX-License-Identifier: Apache-2.0
// What the reader's terminal can show. Colours: --color auto|always|never, where auto means a terminal that
// is not dumb, and NO_COLOR unset or empty (https://no-color.org); a flag goes over NO_COLOR. Block
// characters only where the locale is UTF-8, ASCII elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "app/command.hpp"

namespace hopsim::app {

enum class Paint { kPlain, kGood, kBad, kWarn, kStrong, kFaint };

struct Style {
  bool colour = false;
  bool utf8 = false;

  /// `text` in a colour, where there are colours.
  [[nodiscard]] std::string paint(Paint paint, std::string_view text) const;
};

/// For what a command writes to stdout, or into the file of its -o. Throws InputError for an unknown --color.
[[nodiscard]] Style style_of(const CommonOptions& common);

/// `share` (0 to 1) of `width` columns: eighths of a block, or '#' in ASCII; never empty for what is above 0,
/// never wider.
[[nodiscard]] std::string bar(double share, int width, const Style& style);

/// "█" and the like `count` times, or the ASCII character.
[[nodiscard]] std::string blocks(std::size_t count, const char* block, char ascii, const Style& style);

/// `words` on lines of at most 100 columns, broken after commas, colons and semicolons; all but the first
/// indented.
[[nodiscard]] std::string wrapped(const std::string& words);

}  // namespace hopsim::app
