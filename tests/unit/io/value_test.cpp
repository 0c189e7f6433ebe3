// SPDX-License-Identifier: Apache-2.0
#include "io/value.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"

namespace hopsim::io {
namespace {

using test::input_error;

TEST(Parse_yaml, Keeps_the_place_of_every_node) {
  const Value v = parse_yaml("a: 1\nb:\n  c: [x, y]\n", "f.yaml");
  EXPECT_EQ(v.find("a")->at.text(), "f.yaml:1:4");
  EXPECT_EQ(v.find("b")->find("c")->items[1].at.text(), "f.yaml:3:10");
}

TEST(Parse_yaml, Reads_JSON_as_well) {
  const Value v =
      parse_yaml("{\"hidden_size\": 4096, \"tie\": false, \"x\": null, \"s\": \"a\\/b\"}", "config.json");
  EXPECT_EQ(v.find("hidden_size")->scalar, "4096");
  EXPECT_EQ(v.find("x")->kind, Value::Kind::kNull);
  EXPECT_TRUE(v.find("s")->quoted);
}

TEST(Parse_yaml, Reports_syntax_and_duplicate_keys_with_line_and_column) {
  EXPECT_NE(input_error([] { static_cast<void>(parse_yaml("a: [1, 2\nb: 3\n", "f.yaml")); }).find("f.yaml:"),
            std::string::npos);
  const std::string duplicate =
      input_error([] { static_cast<void>(parse_yaml("a: 1\nb: 2\na: 3\n", "f.yaml")); });
  EXPECT_NE(duplicate.find("f.yaml:3:1: duplicate key 'a'"), std::string::npos);
}

TEST(Parse_yaml, Refuses_nothing_and_two_documents) {
  EXPECT_NE(input_error([] {
              static_cast<void>(parse_yaml("a: 1\n---\nb: 2\n", "f.yaml"));
            }).find("2 YAML documents"),
            std::string::npos);
  EXPECT_NE(input_error([] { static_cast<void>(parse_yaml("", "f.yaml")); }), "");
}

TEST(Merged, Overrides_scalars_and_lists_and_merges_mappings) {
  const Value base = parse_yaml("a: 1\nm: {x: 1, y: 2}\nl: [1, 2, 3]\n", "base.yaml");
  const Value over = parse_yaml("m: {y: 5, z: 6}\nl: [9]\n", "over.yaml");
  const Value v = merged(base, over);
  EXPECT_EQ(v.find("a")->scalar, "1");
  EXPECT_EQ(v.find("m")->find("x")->at.file, "base.yaml");
  EXPECT_EQ(v.find("m")->find("y")->scalar, "5");
  EXPECT_EQ(v.find("m")->find("y")->at.file, "over.yaml");
  EXPECT_EQ(v.find("m")->find("z")->scalar, "6");
  EXPECT_EQ(v.find("l")->items.size(), 1U);
}

}  // namespace
}  // namespace hopsim::io
