// SPDX-License-Identifier: Apache-2.0
// Timelines of hopsim run, as Perfetto and chrome://tracing read them. Two hops of 20 tokens on 28
// layers: a hop has one prefill and 19 decode steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "integration/command.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "support/chrome_trace.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

constexpr int kStack = 1, kAnchor = 2;  // processes

class RunTimeline : public testing::Test {
 protected:
  auto timeline(const std::vector<std::string>& more) -> test::ChromeTrace {
    std::vector<std::string> arguments = {"run",        "--gpu",  "l4",         "--model",
                                          "qwen3-0.6b", "--hops", "2",          "--decode-tokens",
                                          "20",         "--json", "--perfetto", dir_ / "t.json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const test::Outcome outcome = test::hopsim(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    result_ = io::Json::parse(outcome.out);
    return test::ChromeTrace(io::read_text_file(dir_ / "t.json", 1U << 30U));
  }

  test::TempDir dir_;
  io::Json result_;
};

auto count_in_row(const std::vector<nlohmann::json>& slices, int row) -> std::ptrdiff_t {
  return std::count_if(slices.begin(), slices.end(), [&](const auto& slice) { return slice["tid"] == row; });
}

TEST_F(RunTimeline, Nests_hops_steps_layers_and_kernels_and_ends_when_the_replay_ends) {
  const test::ChromeTrace t = timeline({"--stack", "bnb/nf4", "--batch", "2", "--perfetto-steps", "3"});
  t.expect_sound();
  for (const int process : {kStack, kAnchor}) {
    for (const int row : {0, 1}) {  // host thread, stream
      EXPECT_EQ(count_in_row(t.slices(process, "hop"), row), 2);
      EXPECT_EQ(count_in_row(t.slices(process, "step"), row), 2 * 20);
      EXPECT_EQ(count_in_row(t.slices(process, "layer"), row), 2 * (1 + 3) * 28);
    }
  }
  std::int64_t end = 0;
  for (const auto& hop : t.slices(kStack, "hop")) {
    end = std::max(end, test::ChromeTrace::end_ns(hop));
  }
  EXPECT_NEAR(static_cast<double>(end) * 1e-9, result_["latency_s"].get<double>(), 2e-9);
}

TEST_F(RunTimeline, Casting_kernels_have_a_colour_of_their_own) {
  const test::ChromeTrace t = timeline({"--stack", "bnb/nf4", "--batch", "2"});
  const auto casts = t.slices(kStack, "dequant");
  ASSERT_FALSE(casts.empty());
  for (const auto& slice : casts) {
    EXPECT_EQ(slice["cname"], "terrible");
  }
  for (const auto& event : t.events()) {
    if (event["ph"] == "X" && event["cat"] != "dequant") {
      EXPECT_FALSE(event.contains("cname")) << event;
    }
  }
}

TEST_F(RunTimeline, Counts_context_power_and_queue) {
  const test::ChromeTrace t = timeline({"--stack", "bnb/nf4"});
  const std::vector<double> context = t.counter(kStack, "context length");
  ASSERT_EQ(context.size(), 40U);
  EXPECT_EQ(context.front(), 120);
  EXPECT_EQ(context[19], 139);
  EXPECT_TRUE(std::is_sorted(context.begin(), context.begin() + 20));
  const std::vector<double> power = t.counter(kStack, "power");
  ASSERT_FALSE(power.empty());
  for (const double watts : power) {
    EXPECT_GT(watts, 0);
    EXPECT_LE(watts, 72 * (1 + 1e-6));  // the board's limit
  }
  const std::vector<double> queue = t.counter(kStack, "queue depth");
  ASSERT_FALSE(queue.empty());
  EXPECT_GE(*std::min_element(queue.begin(), queue.end()), 0);
  EXPECT_GT(*std::max_element(queue.begin(), queue.end()), 0);
}

TEST_F(RunTimeline, A_graph_and_pauses_are_there_too) {
  const test::ChromeTrace graph = timeline({"--stack", "marlin/int4", "--perfetto-steps", "1"});
  graph.expect_sound();
  // The prefill's layers are launched one by one, those of the graph's three decode steps run without the
  // host.
  EXPECT_EQ(count_in_row(graph.slices(kStack, "layer"), 0), 28);
  EXPECT_EQ(count_in_row(graph.slices(kStack, "layer"), 1), 4 * 28);
  const std::string chain = dir_.write("c.yaml",
                                       "hopsim: chain/1\nname: c\ntitle: c\naccuracy_16bit: {value: 1, kind: "
                                       "assumed, source: s}\nkind: assumed\n"
                                       "source: s\nline: {hops: 2, prompt_tokens: 30, next_prompt_tokens: 5, "
                                       "decode_tokens: 4, pause_s: 0.5}\n");
  const test::Outcome outcome =
      test::hopsim({"run", "--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--chain", chain,
                    "--perfetto", dir_ / "p.json", "--quiet"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const test::ChromeTrace paused(io::read_text_file(dir_ / "p.json", 1U << 30U));
  paused.expect_sound();
  const auto pauses = paused.slices(kStack, "pause");
  ASSERT_EQ(pauses.size(), 1U);
  EXPECT_NEAR(pauses[0]["dur"].get<double>(), 5e5, 0.01);
}

TEST_F(RunTimeline, Bad_arguments_leave_no_file) {
  const test::Outcome outcome =
      test::hopsim({"run", "--gpu", "a100-80-sxm", "--model", "mistral-7b", "--stack", "vllm/fp8", "--versus",
                    "vllm/bf16", "--perfetto", dir_ / "none/t.json"});
  EXPECT_EQ(outcome.status, 2) << outcome.out;
  EXPECT_FALSE(std::filesystem::exists(dir_ / "none"));
  EXPECT_EQ(test::hopsim({"run", "--gpu", "l4", "--model", "qwen3-0.6b", "--stack", "bnb/nf4", "--perfetto",
                          dir_ / "t.json", "--perfetto-steps", "-1"})
                .status,
            2);
}

}  // namespace
}  // namespace hopsim
