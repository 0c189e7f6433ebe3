// SPDX-License-Identifier: Apache-2.0
#include "metrics/monte_carlo.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "replay/folded/folded_engine.hpp"
#include "spec/catalog.hpp"

namespace hopsim::metrics {
namespace {

class Monte_carlo : public testing::Test {
 protected:
  auto run(int samples, std::uint64_t seed, int workers) -> MonteCarlo {
    const Machine machine{&catalog.gpu("l4"), &catalog.host("reference")};
    const cost::StepCoster coster(*machine.gpu, *machine.host);
    const Workload q{&model, &stack, &chain, 2};
    return monte_carlo(machine, coster, q, catalog.stack(stack.anchor), {seed, samples, workers});
  }

  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  spec::ModelSpec model = [this] {
    spec::ModelSpec out = catalog.model("qwen3-0.6b");
    out.layers = 1;
    return out;
  }();
  spec::StackSpec stack = catalog.stack("torchao/int4-wo");
  spec::ChainSpec chain = [] {
    spec::ChainSpec out = spec::line_chain(2, 50, 10, 200, 0);
    out.hops[0].distribution = spec::TokenDistribution{150, 0.6, 0.05, 1000};
    return out;
  }();
};

void expect_same(const Spread& a, const Spread& b) {
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.standard_error, b.standard_error);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
}

TEST(Spread, Of_one_to_a_hundred_by_hand) {
  std::vector<double> x(100);
  std::iota(x.rbegin(), x.rend(), 1.0);
  const Spread s = spread_of(x);
  EXPECT_DOUBLE_EQ(s.mean, 50.5);
  EXPECT_DOUBLE_EQ(s.low, 5);
  EXPECT_DOUBLE_EQ(s.high, 95);
  EXPECT_NEAR(s.standard_error, std::sqrt(100.0 * 101 / 12 / 100), 1e-12);  // variance n (n + 1) / 12
}

TEST_F(Monte_carlo, Mean_tokens_converge_to_the_expectation) {
  // Two sequences; the second hop's 200 tokens are fixed. Five standard errors and half a token of rounding.
  stack.quality.token_inflation = 1;
  const MonteCarlo m = run(4000, 7, 2);
  const double expected = 2 * (chain.hops[0].distribution->expectation() + 200);
  EXPECT_NEAR(m.anchor.tokens.mean, expected, 5 * m.anchor.tokens.standard_error + 1);
  EXPECT_LT(m.anchor.tokens.standard_error, 0.02 * expected);
  expect_same(m.q.tokens, m.anchor.tokens);  // the same draws
}

TEST_F(Monte_carlo, Inflation_multiplies_the_mean_and_keeps_the_cap) {
  stack.quality.token_inflation = 1.5;
  const MonteCarlo m = run(4000, 7, 2);
  const double expected = 2 * 1.5 * (chain.hops[0].distribution->expectation() + 200);
  EXPECT_NEAR(m.q.tokens.mean, expected, 5 * m.q.tokens.standard_error + 1);
  EXPECT_EQ(m.q.tokens.high, 2 * (1000 + 300));  // a tenth of the answers loops to the cap
}

TEST_F(Monte_carlo, Runs_each_side_on_its_own_number_of_GPUs) {
  const Machine machine{&catalog.gpu("l4"), &catalog.host("reference")};
  const cost::StepCoster coster(*machine.gpu, *machine.host);
  stack.quality.token_inflation = 1;
  chain.hops[0].distribution = spec::TokenDistribution{200, 0, 0, 1000};
  const Workload q{&model, &stack, &chain, 2};
  const spec::StackSpec& anchor = catalog.stack(stack.anchor);
  const MonteCarlo m = monte_carlo(machine, coster, q, anchor, {1, 2, 1}, {1, 2});
  const auto energy_on = [&](const spec::StackSpec& of, int gpus) {
    const Workload workload{&model, &of, &chain, 2};
    return evaluate({machine.gpu, machine.host, {gpus}}, coster, workload, replay::FoldedEngine(),
                    TooBig::kLeave)
        .performance.energy_j;
  };
  EXPECT_DOUBLE_EQ(m.q.energy_j.mean, energy_on(stack, 1));
  EXPECT_DOUBLE_EQ(m.anchor.energy_j.mean, energy_on(anchor, 2));
}

TEST_F(Monte_carlo, Depends_on_the_seed_and_not_on_the_workers) {
  const MonteCarlo one = run(100, 3, 1);
  for (const int workers : {2, 3, 7}) {
    const MonteCarlo many = run(100, 3, workers);
    expect_same(one.q.energy_j, many.q.energy_j);
    expect_same(one.anchor.latency_s, many.anchor.latency_s);
    expect_same(one.energy_ratio, many.energy_ratio);
  }
  EXPECT_NE(run(100, 4, 1).q.energy_j.mean, one.q.energy_j.mean);
}

TEST_F(Monte_carlo, A_chain_without_spread_is_the_chain_itself) {
  chain.hops[0].distribution = spec::TokenDistribution{200, 0, 0, 1000};
  stack.quality.token_inflation = 1;
  const MonteCarlo m = run(5, 1, 1);
  EXPECT_EQ(m.q.energy_j.low, m.q.energy_j.high);
  const Machine machine{&catalog.gpu("l4"), &catalog.host("reference")};
  const cost::StepCoster coster(*machine.gpu, *machine.host);
  replay::LoweredSteps steps(model, stack, 2);
  const spec::ChainSpec fixed = spec::line_chain(2, 50, 10, 200, 0);
  EXPECT_EQ(replay::build_schedule(fixed, steps, coster).hops.size(), 2U);
  EXPECT_EQ(m.q.tokens.mean, 800);
}

TEST_F(Monte_carlo, An_answer_costs_the_mean_energy_over_the_share_of_right_ones) {
  chain.accuracy_16bit = 0.5;
  stack.quality.accuracy_ratio = 0.8;
  const MonteCarlo m = run(50, 1, 1);
  ASSERT_TRUE(m.q.j_per_correct);
  EXPECT_NEAR(m.q.j_per_correct->mean, m.q.energy_j.mean / 2 / 0.4, 1e-9);
  EXPECT_NEAR(m.anchor.j_per_correct->mean, m.anchor.energy_j.mean / 2 / 0.5, 1e-9);
}

}  // namespace
}  // namespace hopsim::metrics
