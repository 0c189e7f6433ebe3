// SPDX-License-Identifier: Apache-2.0
#include "io/object_reader.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"

namespace hopsim::io {
namespace {

// Reads one required number "hbm_gb_s" > 0 and one choice, and returns all findings.
auto findings_of(const std::string& yaml) -> std::string {
  const Value v = parse_yaml(yaml, "g.yaml");
  Findings findings;
  ObjectReader reader(v, findings);
  EXPECT_GT(reader.number("hbm_gb_s", kPositive), 0);
  static_cast<void>(reader.choice("form", {"stream", "gemm"}));
  reader.finish();
  return test::input_error([&] { findings.throw_if_any(); });
}

TEST(Object_reader, Accepts_what_is_right) { EXPECT_EQ(findings_of("hbm_gb_s: 3350\nform: gemm\n"), ""); }

TEST(Object_reader, Tells_a_wrong_unit_from_a_misspelling) {
  const std::string unit = findings_of("hbm_tb_s: 3.35\nhbm_gb_s: 1\nform: gemm\n");
  EXPECT_NE(unit.find("g.yaml:1:1: unknown key 'hbm_tb_s': wrong unit; write 'hbm_gb_s'"), std::string::npos)
      << unit;
  const std::string typo = findings_of("hbm_gb_s: 1\nfrom: gemm\n");
  EXPECT_NE(typo.find("did you mean 'form'?"), std::string::npos) << typo;
}

TEST(Object_reader, Reports_every_finding_of_a_file_at_once) {
  const std::string all = findings_of("hbm_gb_s: -3\nform: gem\nextra: 1\n");
  EXPECT_NE(all.find("out of range: -3"), std::string::npos) << all;
  EXPECT_NE(all.find("did you mean 'gemm'?"), std::string::npos) << all;
  EXPECT_NE(all.find("unknown key 'extra'"), std::string::npos) << all;
}

TEST(Object_reader, Refuses_what_is_no_finite_number) {
  for (const char* bad :
       {".nan", "nan", ".inf", "inf", "1e999", "3 GB", "'3350'", "[1]", "", "0x10", "1_000"}) {
    EXPECT_NE(findings_of(std::string("hbm_gb_s: ") + bad + "\nform: gemm\n").find("must be a number"),
              std::string::npos)
        << bad;
  }
}

TEST(Object_reader, Names_a_missing_key_and_a_list_in_place_of_a_mapping) {
  EXPECT_NE(findings_of("form: gemm\n").find("missing key 'hbm_gb_s'"), std::string::npos);
  EXPECT_NE(findings_of("- a\n- b\n").find("expected a mapping"), std::string::npos);
}

TEST(Parse_number, Takes_decimal_and_scientific_notation_only) {
  EXPECT_EQ(parse_number("1.5e3"), 1500);
  EXPECT_EQ(parse_number("+2"), 2);
  EXPECT_FALSE(parse_number("2x"));
  EXPECT_FALSE(parse_number(""));
}

}  // namespace
}  // namespace hopsim::io
