// SPDX-License-Identifier: Apache-2.0
// Bad input: one clear error a finding, exit status 2, nothing on stdout, no output file, never a crash.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "integration/command.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using test::hopsim;

class Malformed : public testing::Test {
 protected:
  // Every argument that says OUT becomes a file in a folder that must stay without it.
  void expect_error(std::vector<std::string> arguments, const std::string& message) {
    const std::size_t before = dir_.files();
    for (std::string& argument : arguments) {
      if (argument == "OUT") {
        argument = dir_ / "result";
      }
    }
    const test::Outcome outcome = hopsim(arguments);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    std::istringstream lines(outcome.err);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(line.starts_with("error: ")) << outcome.err;
    }
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
    EXPECT_EQ(dir_.files(), before) << "an output file was left behind";
  }

  void expect_bad_experiment(const std::string& from, const std::string& to, const std::string& message) {
    std::string text =
        "hopsim: experiment/1\nname: x\ntitle: x\ngrid:\n  gpus: [l4]\n  hosts: [default]\n  models: "
        "[qwen3-0.6b]\n"
        "  stacks: [bnb/nf4]\n  batches: [1, 8]\n  chains: [vote-5]\ncritical: {lowest_params_b: 0.5, "
        "highest_params_b: 20}\n";
    text.replace(text.find(from), from.size(), to);
    expect_error({"sweep", dir_.write("x.yaml", text), "-o", "OUT"}, message);
    std::filesystem::remove(dir_ / "x.yaml");
  }

  std::vector<std::string> run_with(const std::string& flag, const std::string& value) const {
    return {"run",
            "--gpu",
            flag == "--gpu" ? value : "l4",
            "--model",
            flag == "--model" ? value : "qwen3-0.6b",
            "--stack",
            flag == "--stack" ? value : "bnb/nf4",
            flag == "--batch" ? "--batch" : "--quiet",
            flag == "--batch" ? value : "--json",
            "-o",
            "OUT"};
  }

  test::TempDir dir_;
};

TEST_F(Malformed, Truncated_YAML) {
  expect_bad_experiment("chains: [vote-5]\ncritical", "chains: [vote", "x.yaml:");
}
TEST_F(Malformed, A_misspelt_key) { expect_bad_experiment("stacks:", "stakcs:", "did you mean 'stacks'?"); }
TEST_F(Malformed, A_batch_of_0) {
  expect_bad_experiment("[1, 8]", "[0, 8]", "x.yaml:9:13: batch is out of range: 0");
}
TEST_F(Malformed, A_batch_that_is_NaN) { expect_bad_experiment("[1, 8]", "[.nan]", "must be a number"); }
TEST_F(Malformed, Batches_that_fall) { expect_bad_experiment("[1, 8]", "[8, 1]", "must grow"); }
TEST_F(Malformed, A_gpu_twice) { expect_bad_experiment("[l4]", "[l4, l4]", "'l4' twice"); }
TEST_F(Malformed, An_unknown_gpu_in_an_experiment) {
  expect_bad_experiment("[l4]", "[l5]", "did you mean 'l4'?");
}
TEST_F(Malformed, Another_kind_of_file) {
  expect_bad_experiment("experiment/1", "gpu/1", "needed here: 'hopsim: experiment/1'");
}
TEST_F(Malformed, A_range_that_is_empty) {
  expect_bad_experiment("lowest_params_b: 0.5", "lowest_params_b: 30", "must be above");
}

TEST_F(Malformed, An_unknown_gpu) {
  expect_error(run_with("--gpu", "h100-80-smx"), "did you mean 'h100-80-sxm'?");
}
TEST_F(Malformed, An_unknown_model) {
  expect_error(run_with("--model", "mistral-8b"), "did you mean 'mistral-7b'?");
}
TEST_F(Malformed, An_unknown_stack) {
  expect_error(run_with("--stack", "bnb/nf5"), "did you mean 'bnb/nf4'?");
}
TEST_F(Malformed, A_dense_model_of_no_size) { expect_error(run_with("--model", "dense@nanb"), "dense@13b"); }
TEST_F(Malformed, A_batch_of_0_on_the_command_line) {
  expect_error(run_with("--batch", "0"), "--batch 0 is out of range");
}
TEST_F(Malformed, A_negative_batch) { expect_error(run_with("--batch", "-4"), "out of range"); }
TEST_F(Malformed, A_batch_that_is_no_number) { expect_error(run_with("--batch", "many"), "--batch"); }
TEST_F(Malformed, An_octal_batch_is_read_as_written) {
  EXPECT_NE(hopsim({"run", "--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--batch", "010",
                    "--json"})
                .out.find("\"batch\": 10,"),
            std::string::npos);
}
TEST_F(Malformed, A_hexadecimal_batch) { expect_error(run_with("--batch", "0x10"), "no whole number"); }
TEST_F(Malformed, A_name_that_is_too_long_for_a_file) {
  expect_error(run_with("--gpu", std::string(5000, 'x')), "x");
}
TEST_F(Malformed, A_comparison_with_low_precision) {
  expect_error({"run", "--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "hf-eager/bf16", "--versus",
                "bnb/nf4", "-o", "OUT"},
               "no 16-bit stack");
}
TEST_F(Malformed, A_batch_that_would_take_days) {
  expect_error({"run", "--gpu", "l4", "--model", "qwen2.5-72b", "--stack", "bnb/nf4", "--batch", "65536",
                "--prompt-tokens", "900000", "-o", "OUT"},
               "at most 1000 s");
}
TEST_F(Malformed, A_name_with_a_line_break) {
  const std::string base =
      std::filesystem::relative(std::string(HOPSIM_SOURCE_DIR) + "/hw_profiles/l4.yaml", dir_.path())
          .string();
  expect_error(run_with("--gpu", dir_.write("g.yaml", "hopsim: gpu/1\nextends: " + base +
                                                          "\nname: \"a\\n!touch x\"\n")),
               "must be one line");
}

TEST_F(Malformed, A_folder_in_place_of_a_model_file) {
  expect_error(run_with("--model", dir_.path()), "is a directory");
}
TEST_F(Malformed, A_file_that_is_not_there) {
  expect_error(run_with("--model", "no/such.yaml"), "no such file");
}

TEST_F(Malformed, A_profile_with_negative_bandwidth) {
  const std::string base =
      std::filesystem::relative(std::string(HOPSIM_SOURCE_DIR) + "/hw_profiles/l4.yaml", dir_.path())
          .string();
  const std::string file =
      dir_.write("g.yaml", "hopsim: gpu/1\nname: g\nextends: " + base + "\nhbm_gb_s: -300\n");
  expect_error(run_with("--gpu", file), "g.yaml:4:11: hbm_gb_s is out of range: -300");
}

TEST_F(Malformed, A_chain_that_runs_in_a_circle) {
  const std::string file =
      dir_.write("c.yaml",
                 "hopsim: chain/1\nname: c\ntitle: c\naccuracy_16bit: {value: 1, kind: assumed, source: s}\n"
                 "kind: assumed\nsource: s\nhops:\n"
                 "  - {id: a, after: [b], prompt_tokens: 1, decode_tokens: 1}\n"
                 "  - {id: b, after: [a], prompt_tokens: 1, decode_tokens: 1}\n");
  expect_error(
      {"run", "--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--chain", file, "-o", "OUT"},
      "in a circle");
}

TEST_F(Malformed, Binary_rubbish_as_YAML) {
  std::string rubbish;
  for (int i = 0; i < 4096; ++i) {
    rubbish += static_cast<char>((i * 7919) % 256);
  }
  expect_error(run_with("--gpu", dir_.write("r.yaml", rubbish)), "r.yaml");
}

TEST_F(Malformed, An_alias_bomb) {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 30; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" +
            std::to_string(i - 1) + "]\n";
  }
  expect_error(run_with("--gpu", dir_.write("b.yaml", bomb)), "too many");
}

TEST_F(Malformed, A_results_file_of_someone_else) {
  expect_error({"report", dir_.write("r.h5", "text"), "-o", "OUT"}, "is no HDF5 file");
}
TEST_F(Malformed, An_output_file_that_holds_something_else) {
  const std::string file = dir_.write("mine.yaml", "notes: mine\n");
  expect_error({"sweep", "native_4bit", "-o", file}, "holds something else than results");
  std::string kept;
  std::getline(std::ifstream(file), kept);
  EXPECT_EQ(kept, "notes: mine");
}
TEST_F(Malformed, No_output_file) { expect_error({"sweep", "trap_map"}, "-o R.h5"); }
TEST_F(Malformed, An_output_file_that_is_a_folder) {
  expect_error({"sweep", "trap_map", "-o", dir_.path()}, "is a directory");
}
TEST_F(Malformed, An_unknown_engine) {
  expect_error({"run", "--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--engine", "simgird",
                "-o", "OUT"},
               "did you mean 'simgrid'?");
}
TEST_F(Malformed, An_unknown_command) { expect_error({"rnu"}, "command"); }
TEST_F(Malformed, No_command_teaches_by_example) {
  const test::Outcome outcome = test::hopsim({});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("Examples:\n  hopsim run "), std::string::npos) << outcome.err;
}
TEST_F(Malformed, A_list_of_something_else) { expect_error({"list", "gpu"}, "did you mean 'gpus'?"); }

}  // namespace
}  // namespace hopsim
