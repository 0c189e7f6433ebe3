// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.hpp"

#include <gtest/gtest.h>

namespace hopsim::app {
namespace {

constexpr Style kAscii{false, false}, kUtf8{false, true}, kColour{true, true};

TEST(Wrapped, Breaks_after_a_mark_that_a_space_follows) {
  const std::string words =
      "a title of many words that fills its line nearly to the end, with a cap of 32,768 tokens, and more";
  EXPECT_NE(wrapped(words).find("32,768"), std::string::npos);
}

TEST(Terminal, Bars_have_eighths_of_a_block_or_are_ascii) {
  EXPECT_EQ(bar(1, 4, kUtf8), "████");
  EXPECT_EQ(bar(0.5, 3, kUtf8), "█▌");
  EXPECT_EQ(bar(0.5, 4, kAscii), "##");
}

TEST(Terminal, Bars_show_what_is_small_and_stay_within_their_width) {
  EXPECT_EQ(bar(1e-9, 4, kUtf8), "▏");
  EXPECT_EQ(bar(1e-9, 4, kAscii), "#");
  EXPECT_EQ(bar(7, 2, kAscii), "##");
  EXPECT_EQ(bar(0, 4, kUtf8), "");
  EXPECT_EQ(bar(-1, 4, kUtf8), "");
}

TEST(Terminal, Paints_only_where_there_are_colours) {
  EXPECT_EQ(kUtf8.paint(Paint::kBad, "x"), "x");
  EXPECT_EQ(kColour.paint(Paint::kBad, "x"), "\033[31mx\033[0m");
  EXPECT_EQ(kColour.paint(Paint::kPlain, "x"), "x");
  EXPECT_EQ(kColour.paint(Paint::kBad, ""), "");
}

}  // namespace
}  // namespace hopsim::app
