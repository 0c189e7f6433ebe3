// SPDX-License-Identifier: Apache-2.0
// The completion scripts, as the shells themselves use them.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "integration/command.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using Words = std::vector<std::string>;

auto lines_of(const std::string& text) -> Words {
  std::istringstream lines(text);
  Words out;
  for (std::string line; std::getline(lines, line);) {
    out.push_back(line);
  }
  return out;
}

auto holds(const Words& words, const std::string& word) -> bool {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class BashCompletion : public testing::Test {
 protected:
  BashCompletion() {
    const test::Outcome script = test::hopsim({"completion", "bash"});
    EXPECT_EQ(script.status, 0) << script.err;
    dir_.write("hopsim.bash", script.out);
    dir_.write("here.h5", "");
  }

  // What bash would offer at the end of the line, typed in the folder.
  [[nodiscard]] auto offered(const std::string& line) const -> Words {
    const std::string program =
        "cd '" + dir_.path() +
        "'; . ./hopsim.bash; hopsim() { '" HOPSIM_COMMAND
        "' \"$@\"; }; COMP_WORDBREAKS=$' \\t\\n\"\\'@><=;|&(:'; COMP_LINE=\"$1\" COMP_POINT=${#1}; _hopsim; "
        "printf '%s\\n' \"${COMPREPLY[@]}\"";
    const test::Outcome outcome = test::run_program({"bash", "-c", program, "bash", line});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "") << line;
    return lines_of(outcome.out);
  }

  test::TempDir dir_;
};

TEST_F(BashCompletion, Registers_itself) {
  const test::Outcome outcome =
      test::run_program({"bash", "-c", ". '" + dir_ / "hopsim.bash" + "' && complete -p hopsim"});
  EXPECT_EQ(outcome.out, "complete -F _hopsim hopsim\n") << outcome.err;
}

TEST_F(BashCompletion, Offers_commands_and_their_options) {
  EXPECT_EQ(offered("hopsim re"), (Words{"replay", "report"}));
  EXPECT_TRUE(holds(offered("hopsim "), "doctor"));
  EXPECT_EQ(offered("hopsim run --gp"), (Words{"--gpu", "--gpus"}));
  EXPECT_TRUE(holds(offered("hopsim sweep --"), "--resume"));
  EXPECT_FALSE(holds(offered("hopsim run --"), "--resume"));
}

TEST_F(BashCompletion, Offers_names_where_an_option_takes_them) {
  EXPECT_EQ(offered("hopsim run --gpu h200"), (Words{"h200-141-sxm"}));
  EXPECT_EQ(offered("hopsim run --json --gpu=h200"), (Words{"h200-141-sxm"}));
  EXPECT_TRUE(holds(offered("hopsim explain --model mist"), "mistral-7b"));
  EXPECT_TRUE(holds(offered("hopsim run --stack bnb/n"), "bnb/nf4"));
  EXPECT_TRUE(holds(offered("hopsim run --chain gsm"), "gsm8k-5x200"));
  EXPECT_TRUE(holds(offered("hopsim run --host desk"), "desktop-4090"));
  EXPECT_EQ(offered("hopsim sweep trap_"), (Words{"trap_map"}));
  EXPECT_EQ(offered("hopsim list ex"), (Words{"experiments"}));
  EXPECT_EQ(offered("hopsim run --engine si"), (Words{"simgrid"}));
  EXPECT_EQ(offered("hopsim replay x.h5 --without deq"), (Words{"dequant"}));
}

// bash replaces only what follows the last of these characters.
TEST_F(BashCompletion, Leaves_out_what_stands_before_a_word_break) {
  EXPECT_TRUE(holds(offered("hopsim run --stack bnb/nf4@0.4"), "0.45"));
}

TEST_F(BashCompletion, Offers_files_where_files_are_taken_and_nothing_for_numbers) {
  EXPECT_EQ(offered("hopsim replay he"), (Words{"here.h5"}));
  EXPECT_EQ(offered("hopsim trace x -o he"), (Words{"here.h5"}));
  EXPECT_EQ(offered("hopsim run --gpu he"), (Words{"here.h5"}));
  EXPECT_EQ(offered("hopsim run --batch "), (Words{""}));
}

TEST(ZshCompletion, Is_a_script_that_zsh_accepts_and_knows_every_command) {
  const test::Outcome script = test::hopsim({"completion", "zsh"});
  ASSERT_EQ(script.status, 0) << script.err;
  EXPECT_EQ(script.out.rfind("#compdef hopsim\n", 0), 0U);
  for (const char* part : {"'run:", "'doctor:", "--gpu=[", "_hopsim_names gpus", "(bash zsh)"}) {
    EXPECT_NE(script.out.find(part), std::string::npos) << part;
  }
  if (test::run_program({"zsh", "--version"}).status != 0) {
    GTEST_SKIP() << "zsh is not installed: syntax not checked";
  }
  const test::TempDir dir;
  const test::Outcome checked = test::run_program({"zsh", "-n", dir.write("_hopsim", script.out)});
  EXPECT_EQ(checked.status, 0) << checked.err;
}

TEST(Completion, Other_shells_are_refused) {
  const test::Outcome outcome = test::hopsim({"completion", "bsh"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("did you mean 'bash'?"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace hopsim
