// SPDX-License-Identifier: Apache-2.0
// Points on several GPUs: placement, energy of all, both engines, comparison and explanation.
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "metrics/explain.hpp"
#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"
#include "spec/catalog.hpp"

namespace hopsim::metrics {
namespace {

class TensorParallel : public testing::Test {
 protected:
  Machine machine(const std::string& gpu, int gpus) {
    return {&catalog.gpu(gpu), &catalog.host(catalog.gpu(gpu).host), {gpus}};
  }
  Workload workload(const std::string& model, const std::string& stack, int batch) {
    return {&catalog.model(model), &catalog.stack(stack), &chain, batch};
  }
  PointResult run(const std::string& gpu, int gpus, const std::string& model, const std::string& stack,
                  int batch = 1, TooBig too_big = TooBig::kLeave) {
    const Machine m = machine(gpu, gpus);
    return evaluate(m, cost::StepCoster(*m.gpu, *m.host), workload(model, stack, batch), engine, too_big);
  }

  static constexpr int kMin = 0;
  spec::Catalog catalog{spec::Library(HOPSIM_SOURCE_DIR)};
  spec::ChainSpec chain = spec::line_chain(2, 100, 20, 200, 0.1);
  replay::FoldedEngine engine;
};

TEST_F(TensorParallel, The_fewest_gpus_that_hold_a_72B) {
  struct Case {
    const char *gpu, *stack;
    int gpus;
  };
  for (const Case& c : {Case{"h100-80-sxm", "vllm/bf16", 2}, Case{"h200-141-sxm", "vllm/bf16", 1},
                        Case{"l4", "vllm/bf16", 8}, Case{"h100-80-sxm", "marlin/int4", 1},
                        Case{"l4", "marlin/int4", 2}, Case{"a100-40-sxm", "vllm/bf16", 4}}) {
    const PointResult r = run(c.gpu, kMin, "qwen2.5-72b", c.stack);
    EXPECT_TRUE(r.feasible()) << c.gpu;
    EXPECT_EQ(r.place.gpus, c.gpus) << c.gpu << " " << c.stack;
    EXPECT_EQ(r.performance.gpus, c.gpus);
  }
}

TEST_F(TensorParallel, What_eight_gpus_cannot_hold_is_infeasible_at_min) {
  const PointResult r = run("t4", kMin, "qwen2.5-72b", "hf-eager/fp16");
  EXPECT_FALSE(r.feasible());
  EXPECT_FALSE(r.simulated);
  EXPECT_EQ(r.place.fewest, 16);
}

TEST_F(TensorParallel, What_cannot_be_shared_is_infeasible_with_the_reason) {
  const PointResult r = run("l4", 8, "qwen2.5-7b", "vllm/bf16", 1, TooBig::kSimulateAnyway);
  EXPECT_FALSE(r.feasible());
  EXPECT_FALSE(r.simulated);
  EXPECT_NE(r.place.obstacle.find("28 attention heads"), std::string::npos);
}

TEST_F(TensorParallel, Energy_is_that_of_all_gpus_idle_ones_included) {
  replay::Totals totals;
  totals.latency_ps = 10'000'000'000'000;
  totals.pause_ps = 2'000'000'000'000;
  totals.busy_ps[0] = 3'000'000'000'000;
  totals.energy_pj[0] = 600'000'000'000'000;
  const spec::GpuSpec& gpu = catalog.gpu("h100-80-sxm");
  const Performance one = performance(totals, gpu, chain, 1, {1, 1});
  const Performance four = performance(totals, gpu, chain, 1, {1, 1}, 4);
  EXPECT_DOUBLE_EQ(one.energy_j, 600 + 5 * gpu.power.active_idle_w + 2 * gpu.power.loaded_idle_w);
  EXPECT_DOUBLE_EQ(four.energy_j, 4 * one.energy_j);
  EXPECT_DOUBLE_EQ(four.power_w, 4 * one.power_w);
  EXPECT_DOUBLE_EQ(four.j_per_correct, 4 * one.j_per_correct);
  EXPECT_DOUBLE_EQ(four.class_j[0], 4 * one.class_j[0]);
  EXPECT_EQ(four.latency_s, one.latency_s);
}

TEST_F(TensorParallel, A_gpu_bound_stack_gets_faster_and_hungrier_and_a_host_bound_one_does_not) {
  const auto at = [&](const std::string& stack, int gpus) {
    return run("h100-80-sxm", gpus, "llama-3.1-8b", stack).performance;
  };
  EXPECT_LT(at("vllm/bf16", 4).latency_s, 0.7 * at("vllm/bf16", 1).latency_s);
  EXPECT_GT(at("vllm/bf16", 4).energy_j, at("vllm/bf16", 1).energy_j);
  // Each rank's host launches as many kernels, and the collectives besides.
  EXPECT_GT(at("bnb/llm-int8", 4).latency_s, at("bnb/llm-int8", 1).latency_s);
  EXPECT_GT(at("bnb/llm-int8", 4).host_bound_fraction, at("bnb/llm-int8", 1).host_bound_fraction);
}

TEST_F(TensorParallel, Pcie_pays_more_for_collectives_than_nvlink) {
  const auto collectives_s = [&](const std::string& gpu) {
    return run(gpu, 4, "qwen3-32b", "vllm/bf16")
        .performance.class_s[static_cast<std::size_t>(KernelClass::kCollective)];
  };
  EXPECT_GT(collectives_s("h100-80-sxm"), 0);
  EXPECT_GT(collectives_s("h100-80-pcie"), 2 * collectives_s("h100-80-sxm"));
}

// Random points on several GPUs: the ledgers are integers and must be equal.
TEST_F(TensorParallel, Both_engines_agree) {
  std::mt19937 random(7);
  const auto any = [&](const auto& list) { return list[random() % list.size()]; };
  const std::vector<std::string> gpus = {"h100-80-sxm", "l4", "a100-80-pcie", "b200-180-sxm"};
  const std::vector<std::string> models = {"qwen3-0.6b", "qwen3-4b", "yi-1.5-6b", "llama-3.1-8b"};
  const std::vector<std::string> stacks = {"hf-eager/bf16", "vllm/bf16", "bnb/nf4", "bnb/llm-int8",
                                           "marlin/int4"};
  chain = spec::line_chain(2, 30, 5, 4, 0.01);
  const replay::SimGridEngine simgrid;
  int compared = 0;
  for (int i = 0; i < 24; ++i) {
    const Machine m = machine(any(gpus), any(std::vector{2, 4, 8}));
    const Workload w = workload(any(models), any(stacks), any(std::vector{1, 3, 16}));
    const cost::StepCoster coster(*m.gpu, *m.host);
    replay::LoweredSteps steps(*w.model, *w.stack, w.batch, m.gpus.count);
    if (!coster.missing_families(steps.step(1)).empty() || !coster.missing_families(steps.step(30)).empty()) {
      continue;
    }
    const replay::Schedule schedule = replay::build_schedule(chain, steps, coster);
    const replay::Totals folded = engine.replay(schedule);
    EXPECT_EQ(folded, simgrid.replay(schedule))
        << m.gpu->name << " " << w.model->name << " " << w.stack->name;
    EXPECT_GT(folded.busy_ps[static_cast<std::size_t>(KernelClass::kCollective)], 0);
    ++compared;
  }
  EXPECT_GE(compared, 12);
}

// Ranks that start together stay together, so one stands for all: eight of them, with a barrier in every
// collective, end when it does.
TEST_F(TensorParallel, One_rank_stands_for_all) {
  const Machine m = machine("l4", 8);
  const Workload w = workload("llama-3.1-8b", "hf-eager/bf16", 2);
  const cost::StepCoster coster(*m.gpu, *m.host);
  replay::LoweredSteps steps(*w.model, *w.stack, w.batch, 8);
  replay::Schedule schedule = replay::build_schedule(spec::line_chain(1, 1, 0, 1, 0), steps, coster);
  ASSERT_EQ(schedule.steps.size(), 1U);
  const cost::CostedStep step = schedule.steps.front().costed();
  std::array<std::int64_t, 8> host{};
  std::array<std::int64_t, 8> stream{};
  const std::int64_t offset = schedule.hops.front().runs.front().first_offset;
  const auto play = [&](const std::vector<cost::Task>& tasks) {
    for (const cost::Task& task : tasks) {
      for (std::size_t r = 0; r < 8; ++r) {
        if (task.kind == cost::Task::Kind::kSync) {
          host[r] = std::max(host[r], stream[r]);
        }
        host[r] += task.dispatch_ps;
        if (task.is_kernel()) {
          stream[r] = std::max(stream[r], host[r] + step.launch_ps);
        }
      }
      if (task.cls == KernelClass::kCollective) {
        stream.fill(*std::max_element(stream.begin(), stream.end()));
      }
      for (std::int64_t& t : stream) {
        t += task.duration_ps + task.duration_slope_ps * offset;
      }
    }
  };
  play(step.prologue);
  for (std::int64_t l = 0; l < step.layers; ++l) {
    play(step.layer);
  }
  play(step.epilogue);
  EXPECT_EQ(engine.replay(schedule).latency_ps, std::max(host[7], stream[3]));
}

TEST_F(TensorParallel, At_min_each_side_runs_on_its_own_number_and_a_dollar_pays_for_all) {
  const auto judged = [&](int gpus) {
    return judge(run("h100-80-sxm", gpus, "qwen2.5-72b", "marlin/int4"),
                 run("h100-80-sxm", gpus, "qwen2.5-72b", "vllm/bf16", 1, TooBig::kSimulateAnyway), false, {});
  };
  const JudgedPoint fewest = judged(kMin);
  EXPECT_EQ(fewest.point.place.gpus, 1);
  EXPECT_EQ(fewest.anchor.place.gpus, 2);
  EXPECT_TRUE(fewest.anchor_fits);
  EXPECT_DOUBLE_EQ(fewest.comparison.economic, 2 / (1 + fewest.comparison.cor));
  const JudgedPoint two = judged(2);
  EXPECT_EQ(two.point.place.gpus, 2);
  EXPECT_DOUBLE_EQ(two.comparison.economic, 1 / (1 + two.comparison.cor));
  EXPECT_EQ(two.anchor.performance.latency_s, fewest.anchor.performance.latency_s);
  EXPECT_FALSE(judged(1).anchor_fits);
}

TEST_F(TensorParallel, An_explanation_adds_up_also_between_numbers_of_gpus) {
  const Machine m = machine("h100-80-sxm", kMin);
  const cost::StepCoster coster(*m.gpu, *m.host);
  const Workload q = workload("qwen2.5-72b", "marlin/int4", 2);
  for (const RunsOn gpus : {RunsOn{1, 2}, RunsOn{4, 4}}) {
    const Explanation e = explain(m, coster, q, catalog.stack("vllm/bf16"), engine, gpus);
    for (const Decomposition& d : {e.latency_s, e.energy_j, e.j_per_correct.value()}) {
      const double parts = std::accumulate(d.parts.begin(), d.parts.end(), d.more_gpus);
      EXPECT_NEAR(parts, d.total(), 1e-9 * d.anchor);
      EXPECT_EQ(d.more_gpus != 0, gpus.q != gpus.anchor);
    }
    const auto alone = [&](const char* stack, int on) {
      return run("h100-80-sxm", on, "qwen2.5-72b", stack, 2, TooBig::kSimulateAnyway).performance;
    };
    EXPECT_DOUBLE_EQ(e.energy_j.anchor, alone("vllm/bf16", gpus.anchor).energy_j);
    EXPECT_DOUBLE_EQ(e.energy_j.q, alone("marlin/int4", gpus.q).energy_j);
  }
}

}  // namespace
}  // namespace hopsim::metrics
