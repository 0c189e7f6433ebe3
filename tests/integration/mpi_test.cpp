// SPDX-License-Identifier: Apache-2.0
// Sweeps over MPI: the same file as without, one clear error, nothing lost with a rank.
#include <gtest/gtest.h>

#include <filesystem>

#include "integration/command.hpp"
#include "io/files.hpp"
#include "io/hdf5.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

constexpr const char* kExperiment =
    "hopsim: experiment/1\nname: tiny\ntitle: tiny\ngrid:\n  gpus: [l4, rtx-4090]\n  hosts: [default]\n"
    "  models: [qwen3-0.6b, mistral-7b]\n  stacks: [hf-eager/bf16, bnb/nf4, vllm/fp8]\n  batches: [1, 8, "
    "64]\n"
    "  chains: [gsm8k-5x200]\nvary:\n  gpu.hbm_gb_s: {scale: [1, 2]}\n"
    "critical: {lowest_params_b: 0.5, highest_params_b: 20}\n";

class Mpi : public testing::Test {
 protected:
  void SetUp() override {
#ifndef HOPSIM_WITH_MPI
    GTEST_SKIP() << "built without MPI";
#endif
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "OpenMPI leaks by itself";
#endif
    if (!test::has_mpirun()) {
      GTEST_SKIP() << "there is no mpirun";
    }
  }
  test::TempDir dir_;
};

TEST_F(Mpi, Two_ranks_write_the_file_that_one_process_writes) {
  const std::string x = dir_.write("x.yaml", kExperiment);
  ASSERT_EQ(test::hopsim({"sweep", x, "-o", dir_ / "1.h5", "-q", "--jobs", "1"}).status, 0);
  const test::Outcome outcome = test::mpirun(2, {"sweep", x, "-o", dir_ / "2.h5", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(io::Json::parse(outcome.out)["jobs"], 2);
  EXPECT_EQ(io::read_text_file(dir_ / "2.h5"), io::read_text_file(dir_ / "1.h5"));
}

TEST_F(Mpi, Two_ranks_draw_what_one_process_draws) {
  const std::string x = dir_.write("x.yaml", kExperiment);
  ASSERT_EQ(test::hopsim({"sweep", x, "-o", dir_ / "1.h5", "-q", "--jobs", "1", "--draws", "4"}).status, 0);
  const test::Outcome outcome = test::mpirun(2, {"sweep", x, "-o", dir_ / "2.h5", "-q", "--draws", "4"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(io::read_text_file(dir_ / "2.h5"), io::read_text_file(dir_ / "1.h5"));
  EXPECT_EQ(io::Hdf5Reader(dir_ / "2.h5").check_group("/point_bands"), 2U * 2 * 2 * 3 * 3);

  const test::Outcome other =
      test::mpirun(2, {"sweep", x, "-o", dir_ / "2.h5", "-q", "--draws", "5", "--resume"});
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("it has 4 draws of seed 1, not 5 draws of seed 1"), std::string::npos)
      << other.err;
}

TEST_F(Mpi, A_rank_that_is_killed_ends_the_job_and_a_resumed_job_ends_in_the_same_file) {
  const std::string x = dir_.write("x.yaml", kExperiment);
  ASSERT_EQ(test::hopsim({"sweep", x, "-o", dir_ / "whole.h5", "-q", "--jobs", "1"}).status, 0);
  const std::string out = dir_ / "r.h5";
  int lost = 0;
  int status = -1;
  for (int cpu_us = 100'000; status != 0; cpu_us += cpu_us / 2) {  // growing, so that it ends
    const test::Outcome outcome =
        test::mpirun_killed_after(lost % 2, cpu_us, {"sweep", x, "-o", out, "--resume", "-q"});
    status = outcome.status;
    if (std::filesystem::exists(out)) {
      EXPECT_EQ(io::Hdf5Reader(out).check_group("/points"), 2U * 2 * 2 * 3 * 3);
    }
    lost += status == 0 ? 0 : 1;
  }
  EXPECT_GT(lost, 0);
  EXPECT_EQ(io::read_text_file(out), io::read_text_file(dir_ / "whole.h5"));
}

TEST_F(Mpi, Bad_input_is_an_error_of_the_whole_job) {
  const test::Outcome outcome = test::mpirun(2, {"sweep", "no_such", "-o", dir_ / "r.h5"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("error: unknown experiment 'no_such'"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace hopsim
