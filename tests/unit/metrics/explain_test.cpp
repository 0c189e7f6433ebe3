// SPDX-License-Identifier: Apache-2.0
#include "metrics/explain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"
#include "spec/catalog.hpp"

namespace hopsim::metrics {
namespace {

class Explain : public ::testing::Test {
 protected:
  auto workload(const std::string& stack, const std::string& model, int batch) -> Workload {
    return {&catalog.model(model), &catalog.stack(stack), &chain, batch};
  }
  auto machine(const std::string& gpu) -> Machine {
    return {&catalog.gpu(gpu), &catalog.host(catalog.gpu(gpu).host)};
  }
  auto explained(const std::string& gpu, const std::string& model, const std::string& stack, int batch,
                 const std::string& versus) -> Explanation {
    const Machine m = machine(gpu);
    const cost::StepCoster coster(*m.gpu, *m.host);
    return explain(m, coster, workload(stack, model, batch), catalog.stack(versus), engine);
  }
  // What a stack's own replay gives, without any joining.
  auto own_replay(const cost::StepCoster& coster, const Workload& w) -> replay::Totals {
    replay::LoweredSteps steps(*w.model, *w.stack, w.batch);
    return engine.replay(
        replay::build_schedule(spec::inflated(*w.chain, quality_of(w).token_inflation), steps, coster));
  }
  auto runs(const cost::StepCoster& coster, const Workload& w) -> bool {
    replay::LoweredSteps steps(*w.model, *w.stack, w.batch);
    return coster.missing_families(steps.step(1)).empty() &&
           coster.missing_families(steps.step(chain.hops.front().prefill_tokens)).empty();
  }

  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  spec::ChainSpec chain = spec::line_chain(2, 100, 20, 300, 0.1);
  replay::FoldedEngine engine;
};

auto sum(const Decomposition& d) -> double { return std::accumulate(d.parts.begin(), d.parts.end(), 0.0); }

auto part(const Decomposition& d, Cause cause) -> double { return d.parts[static_cast<std::size_t>(cause)]; }

// Of several near cancellation, the whole is small against its parts: they bound what rounding may lose.
void expect_parts_make_the_whole(const Decomposition& d) {
  EXPECT_NEAR(sum(d), d.total(), 1e-9 * std::abs(d.total()) + 1e-14 * d.anchor);
}

auto largest(const Decomposition& d) -> Cause {
  const auto at = std::max_element(d.parts.begin(), d.parts.end(),
                                   [](double a, double b) { return std::abs(a) < std::abs(b); });
  return static_cast<Cause>(at - d.parts.begin());
}

TEST_F(Explain, No_cause_is_the_anchor_and_all_causes_are_q_integer_for_integer) {
  int compared = 0;
  for (const char* gpu : {"h100-80-sxm", "rtx-4090"}) {
    const Machine m = machine(gpu);
    const cost::StepCoster coster(*m.gpu, *m.host);
    for (const std::string& name : catalog.library().stacks()) {
      for (const int batch : {1, 8}) {
        const Workload q = workload(name, "qwen3-1.7b", batch);
        // Its own anchor, whose operators match, and one that fuses otherwise.
        for (const std::string& versus : {q.stack->anchor, std::string("vllm/bf16")}) {
          Workload anchor = q;
          anchor.stack = &catalog.stack(versus);
          if (!runs(coster, q) || !runs(coster, anchor)) {
            continue;
          }
          Mixtures mixtures(coster, q, *anchor.stack);
          const std::size_t all = (std::size_t{1} << kReplayedCauses) - 1;
          EXPECT_TRUE(mixtures.replay(0, engine) == own_replay(coster, anchor)) << gpu << name << versus;
          EXPECT_TRUE(mixtures.replay(all, engine) == own_replay(coster, q)) << gpu << name << versus;
          ++compared;
        }
      }
    }
  }
  EXPECT_GT(compared, 100);
}

TEST_F(Explain, Both_engines_replay_what_lies_between_the_same) {
  chain = spec::line_chain(2, 30, 10, 4, 0.1);
  const replay::SimGridEngine simgrid;
  const Machine m = machine("h100-80-sxm");
  const cost::StepCoster coster(*m.gpu, *m.host);
  for (const char* stack : {"bnb/llm-int8", "bnb/nf4@0.45", "vllm/fp8"}) {
    const Workload q = workload(stack, "qwen3-0.6b", 4);
    for (const char* versus : {"hf-eager/bf16", "vllm/bf16"}) {
      Mixtures mixtures(coster, q, catalog.stack(versus));
      for (const std::size_t subset : {18U, 42U, 47U}) {
        EXPECT_TRUE(mixtures.replay(subset, engine) == mixtures.replay(subset, simgrid))
            << stack << " " << versus << " " << subset;
      }
    }
  }
}

TEST_F(Explain, Parts_make_the_whole) {
  for (const char* stack : {"bnb/nf4@0.45", "bnb/nf4-dq", "bnb/llm-int8", "bnb/int8", "vllm/fp8"}) {
    const Explanation e = explained("h100-80-sxm", "qwen3-1.7b", stack, 4, catalog.stack(stack).anchor);
    expect_parts_make_the_whole(e.latency_s);
    expect_parts_make_the_whole(e.energy_j);
    ASSERT_TRUE(e.j_per_correct);
    expect_parts_make_the_whole(*e.j_per_correct);
    EXPECT_NEAR(std::accumulate(e.gap_parts_j.begin(), e.gap_parts_j.end(), 0.0),
                part(e.energy_j, Cause::kGaps), 1e-9 * e.energy_j.anchor);
    EXPECT_TRUE(e.unmatched.empty());
  }
}

TEST_F(Explain, A_stack_against_itself_has_no_causes) {
  const Explanation e = explained("h100-80-sxm", "qwen3-1.7b", "hf-eager/bf16", 4, "hf-eager/bf16");
  for (const Decomposition* d : {&e.latency_s, &e.energy_j, &*e.j_per_correct}) {
    EXPECT_EQ(d->total(), 0);
    for (const double p : d->parts) {
      EXPECT_EQ(p, 0);
    }
  }
}

TEST_F(Explain, Host_dispatch_is_what_llm_int8_pays_on_an_H100) {
  const Explanation e = explained("h100-80-sxm", "llama-3.1-8b", "bnb/llm-int8@0.45", 1, "hf-eager/bf16");
  EXPECT_EQ(largest(e.latency_s), Cause::kHostDispatch);
  EXPECT_GT(part(e.latency_s, Cause::kHostDispatch), 0);
  EXPECT_EQ(part(e.latency_s, Cause::kTokenInflation), 0);
}

TEST_F(Explain, Dequantisation_is_what_nf4_pays_on_an_RTX_4090_at_batch_8) {
  const Explanation e = explained("rtx-4090", "llama-3.1-8b", "bnb/nf4@0.45", 8, "hf-eager/bf16");
  EXPECT_EQ(largest(e.latency_s), Cause::kDequantTraffic);
  EXPECT_GT(part(e.latency_s, Cause::kDequantTraffic), 0);
  EXPECT_LT(part(e.latency_s, Cause::kWeightBytes), 0);
}

TEST_F(Explain, Bytes_saved_are_what_Marlin_wins) {
  for (const char* gpu : {"h100-80-sxm", "a100-80-sxm"}) {
    const Explanation e = explained(gpu, "llama-3.1-8b", "marlin/int4", 16, "vllm/bf16");
    EXPECT_EQ(largest(e.latency_s), Cause::kWeightBytes) << gpu;
    EXPECT_LT(part(e.latency_s, Cause::kWeightBytes), 0);
    EXPECT_EQ(part(e.latency_s, Cause::kDequantTraffic), 0);
    EXPECT_EQ(part(e.latency_s, Cause::kHostDispatch), 0);
  }
}

TEST_F(Explain, More_tokens_and_fewer_right_answers_are_causes_of_their_own) {
  spec::StackSpec longer = catalog.stack("hf-eager/bf16");
  longer.quality.token_inflation = 1.5;
  longer.quality.accuracy_ratio = 0.8;
  chain.accuracy_16bit = 0.5;
  const Machine m = machine("l4");
  const cost::StepCoster coster(*m.gpu, *m.host);
  Workload q = workload("hf-eager/bf16", "qwen3-0.6b", 1);
  q.stack = &longer;
  const Explanation e = explain(m, coster, q, catalog.stack("hf-eager/bf16"), engine);
  EXPECT_NEAR(part(e.latency_s, Cause::kTokenInflation), e.latency_s.total(), 1e-12);
  EXPECT_GT(e.latency_s.total(), 0);
  EXPECT_EQ(part(e.energy_j, Cause::kAccuracy), 0);
  // Two causes of a product e / a: the accuracy's part is its mean over both orders.
  const double mean_energy = (e.energy_j.anchor + e.energy_j.q) / 2;
  EXPECT_NEAR(part(*e.j_per_correct, Cause::kAccuracy), mean_energy * (1 / 0.4 - 1 / 0.5),
              1e-9 * mean_energy);
  expect_parts_make_the_whole(*e.j_per_correct);
}

TEST_F(Explain, Token_inflation_and_accuracy_of_a_measured_table_add_up) {
  chain = catalog.chain("gsm8k-5x200");
  for (const char* stack : {"torchao/int4-wo", "marlin/int4", "bnb/nf4", "trtllm/nvfp4"}) {
    const char* gpu = std::string(stack) == "trtllm/nvfp4" ? "b200-180-sxm" : "l4";
    const Explanation e = explained(gpu, "qwen3-4b", stack, 1, catalog.stack(stack).anchor);
    expect_parts_make_the_whole(e.latency_s);
    expect_parts_make_the_whole(e.energy_j);
    ASSERT_TRUE(e.j_per_correct) << stack;
    expect_parts_make_the_whole(*e.j_per_correct);
    EXPECT_NE(part(*e.j_per_correct, Cause::kAccuracy), 0) << stack;
  }
  EXPECT_GT(part(explained("l4", "qwen3-4b", "torchao/int4-wo", 1, "hf-compile/bf16").latency_s,
                 Cause::kTokenInflation),
            0);
}

TEST_F(Explain, Nothing_is_said_of_right_answers_that_nobody_counted) {
  EXPECT_FALSE(explained("l4", "qwen3-0.6b", "llamacpp/q4_0", 1, "llamacpp/f16").j_per_correct);
}

TEST_F(Explain, Operators_that_only_one_side_has_are_named) {
  const Explanation e = explained("h100-80-sxm", "llama-3.1-8b", "bnb/nf4", 1, "vllm/bf16");
  EXPECT_NE(std::find(e.unmatched.begin(), e.unmatched.end(), "qkv_proj"), e.unmatched.end());
  EXPECT_NE(std::find(e.unmatched.begin(), e.unmatched.end(), "q_proj"), e.unmatched.end());
  EXPECT_EQ(std::find(e.unmatched.begin(), e.unmatched.end(), "o_proj"), e.unmatched.end());
  expect_parts_make_the_whole(e.latency_s);
}

}  // namespace
}  // namespace hopsim::metrics
