// SPDX-License-Identifier: Apache-2.0
// A sweep that is killed anywhere, many times, and resumed ends in the bytes of one that was not.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "integration/command.hpp"
#include "io/files.hpp"
#include "io/hdf5.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using test::hopsim;

auto experiment(const std::string& batches) -> std::string {
  return "hopsim: experiment/1\nname: cut\ntitle: cut\ngrid:\n  gpus: [l4, rtx-4090, h100-80-sxm]\n  hosts: "
         "[default]\n  models: [dense@1b, dense@7b, dense@32b, dense@72b]\n  stacks: [bnb/nf4, vllm/fp8]\n  "
         "batches: " +
         batches +
         "\n  chains: [gsm8k-5x200, vote-5]\nvary:\n  gpu.hbm_gb_s: {scale: [1, 2, 3, 4, 5, 6, 7, 8]}\n"
         "  host.speed: {scale: [1, 2, 3, 4]}\n";
}

// Small, for draws.
constexpr const char* kDrawn =
    "hopsim: experiment/1\nname: drawn\ntitle: drawn\ngrid:\n  gpus: [l4]\n  hosts: [default]\n"
    "  models: [dense@1b, dense@7b]\n  stacks: [bnb/nf4, vllm/fp8]\n  batches: [1, 8]\n"
    "  chains: [gsm8k-5x200]\nvary:\n  gpu.hbm_gb_s: {scale: [1, 2]}\n"
    "critical: {lowest_params_b: 0.5, highest_params_b: 20}\n";

// The file, if there is one, can be opened by anyone at any moment.
void expect_readable(const std::string& path) {
  if (std::filesystem::exists(path)) {
    const io::Hdf5Reader file(path);
    EXPECT_EQ(file.check_group("/points"), 3U * 4 * 2 * 2 * 2 * 8 * 4);
  }
}

TEST(Resume, After_kills_at_random_moments_the_file_is_that_of_a_sweep_without) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", experiment("[1, 8]"));
  ASSERT_EQ(hopsim({"sweep", x, "-o", dir / "whole.h5", "-q", "-j", "1"}).status, 0);
  const std::string whole = io::read_text_file(dir / "whole.h5", 1U << 26U);
  std::mt19937 random(20260101);
  int kills = 0;
  for (int round = 0; round < 3; ++round) {
    const std::string out = dir / ("r" + std::to_string(round) + ".h5");
    int status = -1;
    for (int limit_us = 20000; status == -1; limit_us += limit_us / 8) {  // growing, so that it ends
      const int cpu_us = limit_us / 2 + static_cast<int>(random() % static_cast<unsigned>(limit_us));
      const test::Outcome outcome =
          test::hopsim_killed_after(cpu_us, {"sweep", x, "-o", out, "--resume", "-q", "-j", "2"});
      status = outcome.status;
      kills += status == -1 ? 1 : 0;
      expect_readable(out);
      ASSERT_TRUE(status == -1 || status == 0) << outcome.err;
    }
    EXPECT_EQ(io::read_text_file(out, 1U << 26U), whole);
  }
  EXPECT_GT(kills, 10);
}

TEST(Resume, After_kills_a_file_with_draws_is_that_of_a_sweep_without) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", kDrawn);
  const std::vector<std::string> sweep = {"sweep", x, "-q", "-j", "1", "--draws", "16", "-o"};
  const auto into = [&](const std::string& path, const std::string& more) {
    std::vector<std::string> out = sweep;
    out.push_back(path);
    out.push_back(more);
    return out;
  };
  ASSERT_EQ(hopsim(into(dir / "whole.h5", "--seed=3")).status, 0);
  std::vector<std::string> resumed = into(dir / "r.h5", "--seed=3");
  resumed.emplace_back("--resume");
  int status = -1;
  int kills = 0;
  for (int cpu_us = 40'000; status == -1; cpu_us += cpu_us / 4) {  // growing, so that it ends
    const test::Outcome outcome = test::hopsim_killed_after(cpu_us, resumed);
    status = outcome.status;
    kills += status == -1 ? 1 : 0;
    ASSERT_TRUE(status == -1 || status == 0) << outcome.err;
    if (kills == 1 && std::filesystem::exists(dir / "r.h5")) {  // unfinished, and of other draws
      std::vector<std::string> other = resumed;
      other[9] = "--seed=4";
      const test::Outcome refused = hopsim(other);
      EXPECT_EQ(refused.status, 2);
      EXPECT_NE(refused.err.find("it has 16 draws of seed 3, not 16 draws of seed 4"), std::string::npos)
          << refused.err;
    }
  }
  EXPECT_GT(kills, 0);
  EXPECT_EQ(io::read_text_file(dir / "r.h5"), io::read_text_file(dir / "whole.h5"));
}

TEST(Resume, Refuses_draws_for_a_file_without_and_leaves_it) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", kDrawn);
  ASSERT_EQ(hopsim({"sweep", x, "-o", dir / "r.h5", "-q"}).status, 0);
  const std::string before = io::read_text_file(dir / "r.h5");
  const test::Outcome outcome = hopsim({"sweep", x, "-o", dir / "r.h5", "--resume", "--draws", "8"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("can't be resumed: it has no draws, not 8 draws of seed 1"), std::string::npos)
      << outcome.err;
  EXPECT_EQ(io::read_text_file(dir / "r.h5"), before);
}

TEST(Resume, Refuses_a_changed_experiment_with_the_difference_and_leaves_the_file) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", experiment("[1, 8]"));
  ASSERT_EQ(hopsim({"sweep", x, "-o", dir / "r.h5", "-q"}).status, 0);
  const std::string before = io::read_text_file(dir / "r.h5", 1U << 26U);
  dir.write("x.yaml", experiment("[1, 16]"));
  const test::Outcome outcome = hopsim({"sweep", x, "-o", dir / "r.h5", "--resume"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("batches: [1, 8]' there, '  batches: [1, 16]' now"), std::string::npos)
      << outcome.err;
  EXPECT_EQ(io::read_text_file(dir / "r.h5", 1U << 26U), before);
}

TEST(Resume, Of_a_complete_file_computes_nothing_and_sums_it_up) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", experiment("[1, 8]"));
  const io::Json first = io::Json::parse(hopsim({"sweep", x, "-o", dir / "r.h5", "--json"}).out);
  const io::Json again = io::Json::parse(hopsim({"sweep", x, "-o", dir / "r.h5", "--json", "--resume"}).out);
  EXPECT_EQ(again["points_resumed"], first["points"]);
  EXPECT_EQ(again["verdicts"], first["verdicts"]);
  EXPECT_EQ(again["kernels"], first["kernels"]);
}

TEST(Dry_run, Says_how_much_there_is_to_do_and_writes_nothing) {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", experiment("[1, 8]"));
  const test::Outcome outcome = hopsim({"sweep", x, "--dry-run", "--json", "-o", dir / "r.h5"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const io::Json estimate = io::Json::parse(outcome.out);
  EXPECT_EQ(estimate["points"], 3 * 4 * 2 * 2 * 2 * 8 * 4);
  EXPECT_GT(estimate["kernels_estimate"], 1e8);
  EXPECT_EQ(dir.files(), 1U);
}

}  // namespace
}  // namespace hopsim
