// SPDX-License-Identifier: Apache-2.0
// Chains by hand: a step of n new tokens in w branches takes n + 100 w microseconds of host time and no
// kernel, whatever the context.
#include "replay/build.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"
#include "spec/catalog.hpp"

namespace hopsim::replay {
namespace {

constexpr std::int64_t kMicrosecond_ps = 1'000'000;

class Build_schedule : public testing::Test {
 protected:
  static auto host_work(int new_tokens, int width) -> lowering::StepWork {
    lowering::StepWork out;
    lowering::Call work;
    work.kind = lowering::Call::Kind::kHostWork;
    work.dispatch_us = new_tokens + 100.0 * width;
    out.prologue = {work};
    lowering::Call sync;
    sync.kind = lowering::Call::Kind::kSync;
    out.epilogue = {sync};
    return out;
  }
  auto replay(const spec::ChainSpec& chain) -> Totals {
    const cost::StepCoster coster(catalog.gpu("l4"), host);
    LoweredSteps steps(host_work);
    const Schedule schedule = build_schedule(chain, steps, coster);
    const Totals folded = FoldedEngine().replay(schedule);
    EXPECT_TRUE(folded == SimGridEngine().replay(schedule));
    return folded;
  }
  static auto hop(std::vector<std::size_t> after, int prompt, int decode, double pause_s) -> spec::HopSpec {
    spec::HopSpec out;
    out.after = std::move(after);
    out.prompt_tokens = prompt;
    out.decode_tokens = decode;
    out.pause_s = pause_s;
    return out;
  }
  static auto chain_of(std::vector<spec::HopSpec> hops) -> spec::ChainSpec {
    spec::ChainSpec out;
    out.hops = std::move(hops);
    return spec::make_chain(std::move(out), Location{});
  }

  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  spec::HostSpec host = [] {
    spec::HostSpec out;
    out.speed = 1;
    return out;
  }();
};

TEST_F(Build_schedule, Reuse_prefills_what_is_new_and_reprefill_everything) {
  // Hop 1: 100 + 100, 9 decodes of 101. Hop 2: its 20 and the last token, or these and the 109 before.
  const std::int64_t decodes_us = 2 * 9 * 101;
  const Totals reuse = replay(spec::line_chain(2, 100, 20, 10, 0));
  EXPECT_EQ(reuse.latency_ps, (200 + 121 + decodes_us) * kMicrosecond_ps);
  spec::ChainSpec lost = spec::line_chain(2, 100, 20, 10, 0);
  lost.hops[1].reprefill = true;
  lost = spec::make_chain(std::move(lost), Location{});
  EXPECT_EQ(replay(lost).latency_ps, (200 + 230 + decodes_us) * kMicrosecond_ps);
}

TEST_F(Build_schedule, A_fan_out_of_three_runs_as_one_batch_and_the_join_reads_what_the_others_wrote) {
  // Root: 110, 2 decodes of 101. Three branches: a prefill of 3 x 5 tokens, 4 decodes of width 3. Join: 2 + 1
  // and twice 5 tokens, 1 decode.
  const Totals t = replay(chain_of(
      {hop({}, 10, 3, 0), hop({0}, 4, 5, 0), hop({0}, 4, 5, 0), hop({0}, 4, 5, 0), hop({1, 2, 3}, 2, 2, 0)}));
  EXPECT_EQ(t.latency_ps, (110 + 2 * 101 + 305 + 4 * 301 + 113 + 101) * kMicrosecond_ps);
  EXPECT_EQ(t.steps, 3 + 5 + 2);
  EXPECT_EQ(t.pause_ps, 0);
}

TEST_F(Build_schedule, A_branch_pauses_while_the_others_still_decode) {
  // Branches of 1 + 2 and 1 + 5 tokens: 202, 2 decodes of 201, 3 of 101. The first pauses for 1 ms when its 2
  // are done, the second for 100 us at its end, so the join waits for the first: 1000 - 303 us.
  const spec::ChainSpec chain = chain_of({hop({}, 2, 3, 1e-3), hop({}, 2, 6, 1e-4), hop({0, 1}, 4, 1, 0)});
  const Totals t = replay(chain);
  const std::int64_t join_us = 4 + 1 + 3 + 100;
  EXPECT_EQ(t.pause_ps, (1000 - 303) * kMicrosecond_ps);
  EXPECT_EQ(t.latency_ps, (202 + 2 * 201 + 1000 + join_us) * kMicrosecond_ps);
}

TEST_F(Build_schedule, Unlike_pauses_of_branches_that_end_together_run_side_by_side) {
  // Both end after 202; the short pause's hop and the long one's join the last wave, which waits for the
  // longer.
  const Totals t = replay(chain_of({hop({}, 2, 1, 1e-3), hop({}, 2, 1, 3e-3), hop({0, 1}, 1, 1, 0)}));
  EXPECT_EQ(t.pause_ps, 3000 * kMicrosecond_ps);
  EXPECT_EQ(t.latency_ps, (202 + 3000 + 100 + 1 + 1 + 1) * kMicrosecond_ps);
}

TEST_F(Build_schedule, Both_engines_agree_on_every_shipped_chain) {
  spec::ModelSpec model = catalog.model("qwen3-0.6b");
  model.layers = 1;
  const SimGridEngine simgrid;
  const FoldedEngine folded;
  for (const std::string& name : catalog.library().chains()) {
    const spec::ChainSpec& chain = catalog.chain(name);
    for (const char* stack : {"hf-eager/bf16", "bnb/nf4", "marlin/int4"}) {
      const cost::StepCoster coster(catalog.gpu("l4"), catalog.host("reference"));
      LoweredSteps steps(model, catalog.stack(stack), 2);
      const Schedule schedule = build_schedule(chain, steps, coster);
      const Totals t = folded.replay(schedule);
      EXPECT_TRUE(t == simgrid.replay(schedule)) << name << " " << stack;
      EXPECT_GT(t.total_busy_ps(), 0);
    }
  }
}

}  // namespace
}  // namespace hopsim::replay
