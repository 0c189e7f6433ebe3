// SPDX-License-Identifier: Apache-2.0
// Cost of collectives against the alpha-beta formulas worked out by hand.
#include <gtest/gtest.h>

#include "cost/costed_step.hpp"
#include "cost/forms/forms.hpp"
#include "spec/catalog.hpp"
#include "support/input_error.hpp"

namespace hopsim::cost {
namespace {

constexpr double kLink = 100e9;  // bytes/s each way

auto machine() -> Machine {
  Machine out;
  out.nvlink_bytes_per_s = out.pcie_bytes_per_s = kLink;
  return out;
}

auto message(double ranks, double bytes, bool gathers = false) -> KernelWork {
  KernelWork out;
  out.ranks = ranks;
  out.message_bytes = bytes;
  out.gathers = gathers ? 1 : 0;
  return out;
}

auto pcie_us(double ranks, double bytes, bool gathers = false) -> double {
  const double p[] = {8, 2, 0.5};
  return 1e6 * forms::find("collective_pcie")->seconds(p, machine(), message(ranks, bytes, gathers));
}

auto nvlink_us(double ranks, double bytes, bool gathers = false) -> double {
  const double p[] = {5, 0.8, 12, 0.8, 8, 2, 1};
  return 1e6 * forms::find("collective_nvlink")->seconds(p, machine(), message(ranks, bytes, gathers));
}

TEST(Collective, A_ring_takes_two_rounds_of_p_minus_1_hops_and_nearly_two_messages) {
  // 2 (p-1) hops of 2 us; 2 (p-1)/p S at 50 GB/s.
  EXPECT_NEAR(pcie_us(2, 0), 8 + 2 * 2, 1e-9);
  EXPECT_NEAR(pcie_us(8, 0), 8 + 14 * 2, 1e-9);
  EXPECT_NEAR(pcie_us(2, 1e6), 12 + 20, 1e-9);
  EXPECT_NEAR(pcie_us(4, 1e6), 20 + 30, 1e-9);
}

TEST(Collective, A_gather_takes_half_the_ring) { EXPECT_NEAR(pcie_us(4, 1e6, true), 8 + 3 * 2 + 15, 1e-9); }

TEST(Collective, Nvlink_takes_one_shot_for_small_messages_and_the_ring_for_large) {
  EXPECT_NEAR(nvlink_us(8, 16e3), 5 + 7 * 16e3 / 80e3, 1e-9);  // one shot: S from each of 7 peers
  EXPECT_NEAR(nvlink_us(8, 1e6), 12 + 1.75e6 / 80e3, 1e-9);    // two shots
  EXPECT_NEAR(nvlink_us(8, 1e8), 36 + 1.75e8 / 100e3, 1e-9);   // ring
  EXPECT_NEAR(nvlink_us(2, 1e6), 5 + 1e6 / 80e3, 1e-9);        // two GPUs: one shot reads no more
  EXPECT_NEAR(nvlink_us(8, 8e4, true), 5 + 7e4 / 80e3, 1e-9);  // a gather reads no more at once either
}

TEST(Collective, More_bytes_and_more_ranks_never_take_less) {
  for (double bytes = 1024; bytes < 1e9; bytes *= 2) {
    EXPECT_LE(nvlink_us(4, bytes), nvlink_us(4, 2 * bytes));
    EXPECT_LE(nvlink_us(2, bytes), nvlink_us(4, bytes));
    EXPECT_LE(nvlink_us(4, bytes), nvlink_us(8, bytes));
  }
}

class ShippedCollective : public testing::Test {
 protected:
  double us(const std::string& gpu, double ranks, double bytes) {
    const spec::GpuSpec& spec = catalog_.gpu(gpu);
    return 1e6 * KernelTimer(spec.families.at("collective"), spec).seconds(message(ranks, bytes));
  }
  spec::Catalog catalog_{spec::Library(HOPSIM_SOURCE_DIR)};
};

// vLLM pull requests 24111 and 24532: the faster of custom kernels and NCCL on 4 and 6 H100, microseconds by
// MiB.
TEST_F(ShippedCollective, An_H100_comes_close_to_what_was_measured) {
  constexpr double kMiB = 1 << 20;
  EXPECT_NEAR(us("h100-80-sxm", 2, 0.5 * kMiB) / 7, 1, 0.15);
  EXPECT_NEAR(us("h100-80-sxm", 4, 0.5 * kMiB) / 10, 1, 0.15);
  EXPECT_NEAR(us("h100-80-sxm", 4, 2 * kMiB) / 23, 1, 0.15);
  EXPECT_NEAR(us("h100-80-sxm", 6, 1 * kMiB) / 17, 1, 0.15);
}

TEST_F(ShippedCollective, Every_gpu_has_one_and_pcie_is_slower_than_nvlink) {
  for (const std::string& name : catalog_.library().gpus()) {
    EXPECT_TRUE(catalog_.gpu(name).families.contains("collective")) << name;
  }
  EXPECT_GT(us("h100-80-pcie", 4, 65536), 2 * us("h100-80-sxm", 4, 65536));
  EXPECT_GT(us("l4", 8, 65536), us("rtx-pro-6000", 8, 65536));
}

TEST_F(ShippedCollective, Nvlink_kernels_need_nvlink) {
  spec::GpuSpec gpu = catalog_.gpu("h100-80-sxm");
  gpu.nvlink_gb_s = 0;
  EXPECT_NE(test::input_error([&] { StepCoster(gpu, catalog_.host("reference")); }).find("without NVLink"),
            std::string::npos);
}

TEST_F(ShippedCollective, A_family_of_another_form_cannot_time_collectives) {
  spec::GpuSpec gpu = catalog_.gpu("h100-80-sxm");
  gpu.families["collective"] = gpu.families.at("elementwise");
  const StepCoster coster(gpu, catalog_.host("reference"));
  const lowering::StepWork work =
      lowering::lower_step(catalog_.model("qwen3-8b"), catalog_.stack("vllm/bf16"), 1, 1, 2);
  EXPECT_NE(test::input_error([&] { static_cast<void>(coster.cost(work, 100, 1)); }).find("all_reduce"),
            std::string::npos);
}

}  // namespace
}  // namespace hopsim::cost
