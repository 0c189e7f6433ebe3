// SPDX-License-Identifier: Apache-2.0
// Spools through the command: import, trace, replay, and the exit status of a doubtful capture.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "integration/command.hpp"
#include "support/temp_dir.hpp"
#include "unit/trace/spool_sample.hpp"

namespace hopsim {
namespace {

using test::hopsim;
using trace::test::SpoolSample;

// 20 launches, 50 us apart, each with a kernel of 20 us.
void write_spool(const std::string& path, bool with_error) {
  SpoolSample s(path);
  s.device(0, 1);
  s.range(1, 0, 500'000, "first half");
  for (std::uint32_t i = 0; i < 20; ++i) {
    s.launch(i + 1, i * 50'000 + 1000);
  }
  s.count(spool::CountKind::kDropped, with_error ? 1 : 0);
  s.close();
}

TEST(Import, Spools_become_a_trace_that_can_be_listed_and_replayed) {
  const test::TempDir dir;
  write_spool(dir / "1.hopspool", false);
  const test::Outcome import = hopsim({"import", dir.path(), "-o", dir / "t.h5", "--json"});
  ASSERT_EQ(import.status, 0) << import.err;
  const auto json = nlohmann::json::parse(import.out);
  EXPECT_EQ(json["kernels"], 20);
  EXPECT_EQ(json["dropped"], 0);
  EXPECT_EQ(json["gpu"], "NVIDIA H100 80GB HBM3");
  const test::Outcome listed = hopsim({"trace", dir / "t.h5", "--json"});
  ASSERT_EQ(listed.status, 0) << listed.err;
  EXPECT_EQ(nlohmann::json::parse(listed.out)["classes"]["gemm"]["n"], 20);
  const test::Outcome replayed = hopsim({"replay", dir / "t.h5", "--json"});
  ASSERT_EQ(replayed.status, 0) << replayed.err;
  EXPECT_NEAR(nlohmann::json::parse(replayed.out)["error"].get<double>(), 0, 1e-6);
  const test::Outcome part =
      hopsim({"import", dir / "1.hopspool", "-o", dir / "p.h5", "--range", "first half", "--json"});
  ASSERT_EQ(part.status, 0) << part.err;
  EXPECT_EQ(nlohmann::json::parse(part.out)["kernels"], 10);
}

TEST(Import, A_doubtful_capture_is_written_and_shows_in_the_exit_status) {
  const test::TempDir dir;
  write_spool(dir / "1.hopspool", true);
  const test::Outcome import = hopsim({"import", dir / "1.hopspool", "-o", dir / "t.h5", "-q"});
  EXPECT_EQ(import.status, 1);
  EXPECT_NE(import.err.find("1 dropped_by_cupti; --allow-data-loss"), std::string::npos) << import.err;
  EXPECT_EQ(hopsim({"trace", dir / "t.h5"}).status, 0);
  EXPECT_EQ(hopsim({"import", dir / "1.hopspool", "-o", dir / "t.h5", "-q", "--allow-data-loss"}).status, 0);
}

}  // namespace
}  // namespace hopsim
