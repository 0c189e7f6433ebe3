// SPDX-License-Identifier: Apache-2.0
// What people see: the answer of hopsim run in words, colours and ASCII by what the terminal can, help that
// teaches by examples which work as typed, and messages that lead on.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "integration/command.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using test::hopsim;

const std::vector<std::string> kTrap = {"run",      "--gpu",   "h100-80-sxm", "--model",
                                        "qwen3-8b", "--stack", "bnb/nf4"};

auto with(std::vector<std::string> arguments, const std::vector<std::string>& more)
    -> std::vector<std::string> {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// The command as it runs with these variables.
auto in_environment(const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& variables) -> test::Outcome {
  std::vector<std::string> command = {HOPSIM_COMMAND};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return test::run_program(command, variables);
}

// The same in a terminal of util-linux's script.
auto in_terminal(const std::string& arguments, const std::map<std::string, std::string>& variables)
    -> std::string {
  const test::Outcome outcome = test::run_program(
      {"script", "-qec", std::string(HOPSIM_COMMAND) + " " + arguments, "/dev/null"}, variables);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return outcome.out;
}

// A sandbox may have none.
auto has_terminals() -> bool {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  return terminal >= 0 && close(terminal) == 0;
}

auto has(const std::string& text, const std::string& part) -> bool {
  return text.find(part) != std::string::npos;
}

auto widest_line(const std::string& text) -> int {
  int widest = 0;
  int columns = 0;
  for (const char c : text) {
    const bool continued = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // of a UTF-8 sequence
    columns = c == '\n' ? 0 : columns + (continued ? 0 : 1);
    widest = std::max(widest, columns);
  }
  return widest;
}

TEST(Terminal, Run_answers_in_a_sentence_with_time_energy_money_and_accuracy) {
  const test::Outcome outcome = in_environment(kTrap, {{"LC_ALL", "C.UTF-8"}});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  for (const char* part : {"bnb/nf4 costs ", " the time and ",
                           " the energy of hf-eager/bf16 here:", "the quantization trap (full-trap)",
                           "time of the chain", "energy of the chain", "money for 1000 right answers",
                           "right answers", "/h (", "█", "Where the time goes", "Rests on "}) {
    EXPECT_TRUE(has(outcome.out, part)) << part << "\n" << outcome.out;
  }
  EXPECT_LE(widest_line(outcome.out), 100) << outcome.out;
  EXPECT_FALSE(has(outcome.out, "\033"));
}

TEST(Terminal, Run_names_each_verdict_in_words) {
  const auto quiet = [](const std::vector<std::string>& arguments) {
    return hopsim(with(with({"run"}, arguments), {"--quiet"})).out;
  };
  EXPECT_TRUE(has(quiet({"--gpu", "h100-80-sxm", "--model", "llama-3.1-8b", "--stack", "marlin/int4"}),
                  "no trap (dissolved)"));
  EXPECT_TRUE(
      has(quiet({"--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "hf-eager/bf16"}), "anchor itself"));
  EXPECT_TRUE(
      has(quiet({"--gpu", "l4", "--model", "qwen2.5-72b", "--stack", "bnb/nf4"}), "does not fit: needs"));
}

TEST(Terminal, Money_is_the_price_of_the_time) {
  const io::Json r = io::Json::parse(hopsim(with(kTrap, {"--json"})).out);
  const double usd = r["price_usd_per_hour"].get<double>() * r["latency_s"].get<double>() / 3600;
  EXPECT_NEAR(r["usd"].get<double>(), usd, 1e-12 * usd);
  EXPECT_NEAR(r["usd_per_correct"].get<double>(), usd / r["accuracy"].get<double>(), 1e-9 * usd);
  EXPECT_GT(r["anchor"]["usd"].get<double>(), 0);
  EXPECT_TRUE(r["provenance"]["price"].contains("source"));
}

TEST(Terminal, Another_locale_gets_ascii) {
  const test::Outcome outcome = in_environment(kTrap, {{"LC_ALL", "C"}});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "####"));
  for (const char c : outcome.out) {
    ASSERT_LT(static_cast<unsigned char>(c), 0x80U) << outcome.out;
  }
}

TEST(Terminal, Colours_are_for_terminals_unless_no_color_or_told_otherwise) {
  if (!has_terminals()) {
    GTEST_SKIP() << "no pseudo-terminals here";
  }
  const std::string point = "run --gpu l4 --model qwen3-0.6b --stack bnb/nf4";
  if (test::run_program({"script", "--version"}).status != 0) {
    GTEST_SKIP() << "script (util-linux) is not installed";
  }
  EXPECT_TRUE(has(in_terminal(point, {{"NO_COLOR", ""}, {"TERM", "xterm"}}), "\033["));
  EXPECT_FALSE(has(in_terminal(point, {{"NO_COLOR", "1"}, {"TERM", "xterm"}}), "\033["));
  EXPECT_FALSE(has(in_terminal(point, {{"NO_COLOR", ""}, {"TERM", "dumb"}}), "\033["));
  EXPECT_TRUE(has(in_terminal(point + " --color always", {{"NO_COLOR", "1"}, {"TERM", "xterm"}}), "\033["));
  EXPECT_FALSE(has(in_terminal(point + " --color never", {{"NO_COLOR", ""}, {"TERM", "xterm"}}), "\033["));
  EXPECT_TRUE(has(in_environment(with(kTrap, {"--color", "always"}), {}).out, "\033["));
  EXPECT_EQ(in_environment(with(kTrap, {"--color", "sometimes"}), {}).status, 2);
}

TEST(Terminal, Json_is_never_coloured) {
  const test::Outcome outcome = hopsim(with(kTrap, {"--json", "--color", "always"}));
  EXPECT_FALSE(has(outcome.out, "\033["));
  EXPECT_EQ(io::Json::parse(outcome.out)["verdict"], "full-trap");
}

TEST(Terminal, Lists_fit_into_100_columns) {
  for (const char* what : {"gpus", "hosts", "models", "stacks", "chains", "experiments"}) {
    const test::Outcome outcome = hopsim({"list", what});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_LE(widest_line(outcome.out), 100) << outcome.out;
    const test::Outcome names = hopsim({"list", what, "--quiet"});
    std::istringstream lines(names.out);
    for (std::string name; std::getline(lines, name);) {
      EXPECT_TRUE(has(outcome.out, name)) << name;
    }
  }
}

TEST(Help, A_command_without_arguments_shows_examples) {
  for (const char* command : {"run", "explain", "sweep", "replay", "import", "trace", "list", "predict"}) {
    const test::Outcome outcome = hopsim({command});
    EXPECT_EQ(outcome.status, 2) << command;
    EXPECT_EQ(outcome.out, "") << command;
    EXPECT_TRUE(has(outcome.err, "error: ")) << outcome.err;
    EXPECT_TRUE(has(outcome.err, std::string("  hopsim ") + command + " ")) << outcome.err;
  }
  const test::Outcome bare = hopsim({});
  EXPECT_EQ(bare.status, 2);
  EXPECT_TRUE(has(bare.err, "Examples:"));
}

TEST(Help, Misspelt_commands_and_options_are_recognised) {
  EXPECT_TRUE(has(hopsim({"rnu"}).err, "did you mean 'run'?"));
  const test::Outcome option = hopsim({"run", "--gup", "l4"});
  EXPECT_EQ(option.status, 2);
  EXPECT_TRUE(has(option.err, "unknown option '--gup'; did you mean '--gpu'?")) << option.err;
}

auto commands() -> std::vector<std::string> {
  std::istringstream lines(hopsim({"--help"}).out);
  std::vector<std::string> out;
  bool listed = false;
  for (std::string line; std::getline(lines, line) && line != "Examples:";) {
    if (listed && line.starts_with("  ") && line.size() > 2 && line[2] != ' ') {
      out.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    listed = listed || line == "Subcommands:";
  }
  return out;
}

auto examples_of(const std::string& help) -> std::vector<std::string> {
  std::istringstream lines(help.substr(std::min(help.size(), help.find("Example"))));
  std::vector<std::string> out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) {
      out.push_back(line.substr(2));
    }
  }
  return out;
}

// A folder with what the examples take, and hopsim in the PATH.
class Examples : public testing::Test {
 protected:
  Examples() {
    namespace fs = std::filesystem;
    fs::create_directory_symlink(fs::path(HOPSIM_COMMAND).parent_path(), dir_ / "bin");
    fs::copy_file(std::string(HOPSIM_SOURCE_DIR) + "/tests/fuzz/seeds/kineto.json", dir_ / "capture.json");
    std::string table = "framework,version,kernel,dtype,m,n,k,latency_us\n";
    for (const int m : {1, 8, 64}) {
      for (const int n : {1024, 2048, 4096, 8192, 16384}) {
        for (const int k : {1024, 4096, 8192}) {
          const double bytes = 2.0 * n * k + 2.0 * m * (n + k);
          table += "vllm,1,x,bfloat16," + std::to_string(m) + "," + std::to_string(n) + "," +
                   std::to_string(k) + "," + std::to_string(5 + bytes / (0.6 * 3350e3)) + "\n";
        }
      }
    }
    dir_.write("kernels.csv", table);
  }

  [[nodiscard]] auto run(const std::string& example) const -> test::Outcome {
    const char* path = std::getenv("PATH");
    return test::run_program({"bash", "-c", "set -e; cd '" + dir_.path() + "'; " + example},
                             {{"PATH", dir_ / "bin:" + (path == nullptr ? "" : path)}});
  }

  // An example that this machine can't run: a capture that is not here, no MPI.
  [[nodiscard]] static auto needs_more(const std::string& example) -> bool {
    return has(example, ".gz") || has(example, ".sqlite") || has(example, "mpirun") ||
           has(example, "results/");
  }

  test::TempDir dir_;
};

TEST_F(Examples, Of_every_help_work_as_typed) {
  std::vector<std::string> all = {""};
  for (const std::string& command : commands()) {
    all.push_back(command);
  }
  ASSERT_GE(all.size(), 13U);
  // A command's examples may use what those of another one write: captures before replays, sweeps before
  // reports.
  std::stable_partition(all.begin(), all.end(),
                        [](const std::string& c) { return c == "import" || c == "sweep"; });
  std::size_t ran = 0;
  for (const std::string& command : all) {
    const test::Outcome help = command.empty() ? hopsim({"--help"}) : hopsim({command, "--help"});
    ASSERT_EQ(help.status, 0) << command;
    EXPECT_TRUE(command.empty() || command == "completion" || has(help.out, "--json")) << command;
    EXPECT_LE(widest_line(help.out), 100) << help.out;
    const std::vector<std::string> examples = examples_of(help.out);
    EXPECT_FALSE(examples.empty()) << command;
    for (const std::string& example : examples) {
      if (!needs_more(example)) {
        const test::Outcome outcome = run(example);
        EXPECT_EQ(outcome.status, 0) << example << "\n" << outcome.err;
        ++ran;
      }
    }
  }
  EXPECT_GE(ran, 30U);
}

}  // namespace
}  // namespace hopsim
