// SPDX-License-Identifier: Apache-2.0
// hopsim-collect from the command line to the trace, with a driver, an NVML and an injection library that are
// not there: fake/.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/spool_scan.hpp"
#include "support/program.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::collect {
namespace {

using hopsim::test::Outcome;
using hopsim::test::TempDir;

class Collect : public testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments, std::map<std::string, std::string> variables = {},
              const std::string& command = HOPSIM_COLLECT) const {
    std::vector<std::string> all = {command};
    all.insert(all.end(), arguments.begin(), arguments.end());
    variables.try_emplace("LD_LIBRARY_PATH", HOPSIM_FAKES);
    variables.try_emplace("HOPSIM", HOPSIM_COMMAND);
    return test::run_program(all, variables);
  }

  // One line on stderr, nothing on stdout, nothing left behind.
  void expect_refusal(const Outcome& outcome, const std::string& message) const {
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(outcome.err.starts_with("error: ")) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
    EXPECT_EQ(dir_.files(), 0U);
  }

  nlohmann::json attributes(const std::string& trace) const {
    const Outcome listed = test::run_program({HOPSIM_COMMAND, "trace", trace, "--json"});
    EXPECT_EQ(listed.status, 0) << listed.err;
    return nlohmann::json::parse(listed.out)["attributes"];
  }

  TempDir dir_;
  std::string program_ = HOPSIM_FAKE_PROGRAM;
};

TEST_F(Collect, A_program_becomes_a_trace) {
  const Outcome outcome = run({"-o", dir_ / "t.h5", "--", program_, "0"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("the program's own output\n")) << outcome.out;
  EXPECT_NE(outcome.out.find("Fake GPU 1   2 kernels"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("loading EAGER"), std::string::npos);
  EXPECT_EQ(dir_.files(), 1U);  // the trace alone
  const nlohmann::json facts = attributes(dir_ / "t.h5");
  EXPECT_EQ(facts["provenance"], "measured");
  EXPECT_EQ(facts["command"], program_ + " 0");
  EXPECT_EQ(facts["program_status"], "0");
  EXPECT_EQ(facts["gpu_uuid"], "GPU-02020202-0202-0202-0202-020202020202");
}

TEST_F(Collect, What_the_user_set_about_loading_stays) {
  const Outcome outcome =
      run({"--spool", dir_ / "s", "--", program_, "0"}, {{"CUDA_MODULE_LOADING", "LAZY"}});
  EXPECT_NE(outcome.err.find("loading LAZY"), std::string::npos) << outcome.err;
}

TEST_F(Collect, Spools_alone_need_no_hopsim_and_a_new_folder) {
  const Outcome outcome =
      run({"--graph-trace", "--spool", dir_ / "new/s", "--", program_, "0"}, {{"HOPSIM", "/no"}});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const std::vector<std::string> files = spools_in(dir_ / "new/s");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_TRUE(files[1].ends_with("/run.hopspool"));
  EXPECT_EQ(scan_spool(files[0])->gpu_records, 2U);
  EXPECT_EQ(scan_spool(files[0])->attributes.at("graph_mode"), "1");
  EXPECT_EQ(run({"--spool", dir_ / "new/s", "--", program_, "0"}).status, 2);
}

TEST_F(Collect, Kept_spools_stand_beside_the_trace) {
  EXPECT_EQ(run({"-o", dir_ / "t.h5", "--keep-spools", "--", program_, "0"}).status, 0);
  EXPECT_EQ(spools_in(dir_ / "t.h5.spools").size(), 2U);
}

TEST_F(Collect, Spools_stay_where_the_import_fails) {
  const Outcome outcome = run({"-o", dir_ / "t.h5", "--range", "no such range", "--", program_, "0"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("no range is named 'no such range'"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("the spools stay in"), std::string::npos) << outcome.err;
  EXPECT_EQ(spools_in(dir_ / "t.h5.spools").size(), 2U);
}

TEST_F(Collect, A_failing_program_is_traced_and_its_status_passed_on) {
  const Outcome outcome = run({"-o", dir_ / "t.h5", "--", program_, "41"});
  EXPECT_EQ(outcome.status, 41);
  EXPECT_NE(outcome.err.find("the program ended with status 41"), std::string::npos) << outcome.err;
  EXPECT_EQ(attributes(dir_ / "t.h5")["program_status"], "41");
}

TEST_F(Collect, A_signal_to_us_reaches_the_program) {
  EXPECT_EQ(run({"--spool", dir_ / "s", "--", program_, "signal"}).status, 7);
}

TEST_F(Collect, Energy_is_measured_in_windows_without_the_library) {
  for (const char* counter : {"", "wrap"}) {
    const Outcome outcome = run({"-o", dir_ / "t.h5", "--energy", "--window-s", "0.05", "--", program_, "0"},
                                {{"FAKE_COUNTER", counter}});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out.find("the program's own output"), 0U);
    EXPECT_EQ(outcome.out.find("the program's own output", 1), std::string::npos);  // repeats are silent
    const nlohmann::json facts = attributes(dir_ / "t.h5");
    const auto number = [&](const char* key) { return std::stod(facts.at(key).get<std::string>()); };
    EXPECT_EQ(number("energy_windows") + number("energy_windows_lost"), 3);
    EXPECT_GE(number("energy_runs"), 3);
    EXPECT_GT(number("energy_power_w"), 0);
    EXPECT_GE(number("energy_power_w_ci95"), 0);
    EXPECT_GT(number("energy_j_per_run"), 0);
    EXPECT_GT(number("energy_counter_step_ms"), 0);
    EXPECT_GT(number("cupti_dilation"), 0);
    EXPECT_EQ(facts["energy_gpus"], "GPU-02020202-0202-0202-0202-020202020202");  // the one that was used
  }
}

TEST_F(Collect, Energy_that_cannot_be_measured_leaves_the_trace_and_says_so) {
  for (const char* counter : {"none"}) {
    const Outcome outcome =
        run({"-o", dir_ / "t.h5", "--energy", "--", program_, "0"}, {{"FAKE_COUNTER", counter}});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("can't be read or stands still"), std::string::npos) << outcome.err;
    EXPECT_TRUE(attributes(dir_ / "t.h5").contains("energy_error"));
  }
}

TEST_F(Collect, A_program_without_CUDA_is_told_from_a_library_that_could_not_start) {
  const auto refused = [&](const std::string& what, const std::string& capture, const std::string& message) {
    const Outcome outcome = run({"-o", dir_ / "t.h5", "--", program_, what}, {{"FAKE_CAPTURE", capture}});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("error: " + message), std::string::npos) << outcome.err;
    EXPECT_EQ(dir_.files(), 0U);
  };
  refused("nocuda", "", "the program made no CUDA call");
  refused("0", "nothing", "the program ran no kernel");
  refused("0", "error", "nothing was captured: another profiler is attached");
}

TEST_F(Collect, Without_a_GPU_it_says_so_before_the_program_runs) {
  expect_refusal(run({"-o", dir_ / "t.h5", "--", program_}, {{"FAKE_CUINIT", "100"}}), "cuInit gives 100");
  expect_refusal(run({"--", program_}, {{"FAKE_GPUS", "0"}}), "finds no GPU");
}

TEST_F(Collect, Without_a_driver_it_says_so) {
  if (dlopen("libcuda.so.1", RTLD_LAZY) != nullptr) {
    GTEST_SKIP() << "this machine has a driver";
  }
  expect_refusal(run({"--", "true"}, {{"LD_LIBRARY_PATH", ""}}), "no NVIDIA driver here");
}

TEST_F(Collect, Without_the_library_hopsim_or_the_program_it_says_so) {
  expect_refusal(run({"-o", dir_ / "t.h5", "--", program_}, {{"HOPSIM", "/no"}, {"PATH", "/no"}}),
                 "no hopsim command");
  expect_refusal(run({"-o", dir_ / "t.h5", "--", "/no/such/program"}), "No such file");
  expect_refusal(run({"-o", dir_ / "no/t.h5", "--", program_}), "can't be written to");
  expect_refusal(run({"--window-s", "x", "--", program_}), "--window-s x");
  const std::string alone = dir_ / "hopsim-collect";
  std::filesystem::copy_file(HOPSIM_COLLECT, alone);
  const Outcome outcome = run({"-o", dir_ / "t.h5", "--", program_}, {}, alone);
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("libhopsim_cupti.so is missing"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace hopsim::collect
