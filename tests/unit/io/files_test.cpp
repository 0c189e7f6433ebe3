// SPDX-License-Identifier: Apache-2.0
#include "io/files.hpp"

#include <gtest/gtest.h>

#include "io/csv.hpp"
#include "io/hash.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::io {
namespace {

TEST(Write_text_file, Replaces_a_file_whole_and_leaves_no_other) {
  const test::TempDir dir;
  write_text_file(dir / "a.txt", "one");
  write_text_file(dir / "a.txt", "two");
  EXPECT_EQ(read_text_file(dir / "a.txt"), "two");
  EXPECT_EQ(dir.files(), 1U);
}

TEST(Write_text_file, Refuses_a_folder_and_a_missing_one) {
  const test::TempDir dir;
  EXPECT_NE(test::input_error([&] { write_text_file(dir.path(), "x"); }).find("is a directory"),
            std::string::npos);
  EXPECT_NE(test::input_error([&] { write_text_file(dir / "no/a.txt", "x"); }).find("does not exist"),
            std::string::npos);
}

TEST(Read_text_file, Refuses_what_is_missing_a_folder_or_too_large) {
  const test::TempDir dir;
  EXPECT_NE(test::input_error([&] { static_cast<void>(read_text_file(dir / "no")); }).find("no such file"),
            std::string::npos);
  EXPECT_NE(test::input_error([&] { static_cast<void>(read_text_file(dir.path())); }).find("is a directory"),
            std::string::npos);
  const std::string file = dir.write("big", "12345");
  EXPECT_NE(test::input_error([&] { static_cast<void>(read_text_file(file, 4)); }).find("too large"),
            std::string::npos);
}

TEST(Csv_table, Quotes_only_what_needs_it) {
  CsvTable table({"a", "b"});
  table.add({"x,y", "say \"hi\""});
  table.add({"plain", ""});
  EXPECT_EQ(table.text(), "a,b\n\"x,y\",\"say \"\"hi\"\"\"\nplain,\n");
}

TEST(Sha256, Is_that_of_the_standard) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace hopsim::io
