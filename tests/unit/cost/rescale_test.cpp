// SPDX-License-Identifier: Apache-2.0
// Two made-up GPUs: `a` with 1,000 GB/s and a fixed time of 2 us, `b` with twice the bandwidth, four times
// the tensor peak, 1 us, half the PCIe and a third of the NVLink.
#include "cost/rescale.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"

namespace hopsim::cost {
namespace {

auto gpu(double gb_s, double tflops, double t0_us, double pcie, double nvlink) -> spec::GpuSpec {
  spec::GpuSpec out;
  out.name = "made-up";
  out.hbm_gb_s = gb_s;
  out.peak_tflops["bf16"] = tflops;
  out.pcie_gb_s = pcie;
  out.nvlink_gb_s = nvlink;
  spec::KernelFamily small;
  small.parameters = {{"t0_us", {t0_us, {}}}, {"bw_efficiency", {1, {}}}, {"bw_half_kib", {0, {}}}};
  out.families["elementwise"] = small;
  spec::KernelFamily gemm = small;
  gemm.form = "gemm";
  gemm.tensor_peak = "bf16";
  for (const char* name : {"flop_efficiency", "warm_speedup"}) {
    gemm.parameters[name].value = 1;
  }
  for (const char* name : {"t0_us", "m_pad", "flop_half_mflop"}) {
    gemm.parameters[name].value = 0;
  }
  out.families["gemm_bf16"] = gemm;
  return out;
}

const spec::GpuSpec kA = gpu(1000, 100, 2, 64, 900);
const spec::GpuSpec kB = gpu(2000, 400, 1, 32, 300);

auto operation(KernelClass cls, double seconds) -> CapturedOperation {
  CapturedOperation out;
  out.cls = cls;
  out.seconds = seconds;
  return out;
}

TEST(Rescaler, Onto_the_same_gpu_changes_nothing) {
  const Rescaler same(kA, kA);
  CapturedOperation gemm = operation(KernelClass::kGemm, 123e-6);
  gemm.product = {1, 16, 4096, 4096, "bfloat16"};
  EXPECT_DOUBLE_EQ(same(gemm).seconds, 123e-6);
  for (const double t : {0.5e-6, 2e-6, 90e-6}) {
    EXPECT_DOUBLE_EQ(same(operation(KernelClass::kNorm, t)).seconds, t);
  }
}

TEST(Rescaler, Beyond_the_fixed_time_a_kernel_follows_the_bandwidth) {
  const Rescaled r = Rescaler(kA, kB)(operation(KernelClass::kNorm, 12e-6));
  EXPECT_EQ(r.rule, RescaleRule::kBandwidth);
  EXPECT_DOUBLE_EQ(r.seconds, 1e-6 + 10e-6 / 2);
  EXPECT_DOUBLE_EQ(Rescaler(kA, kB)(operation(KernelClass::kNorm, 1e-6)).seconds, 0.5e-6);
}

TEST(Rescaler, A_product_of_known_size_follows_what_bounds_it) {
  CapturedOperation gemm = operation(KernelClass::kGemm, 100e-6);
  gemm.product = {1, 8192, 8192, 8192, "bfloat16"};  // bound by flops
  EXPECT_NEAR(Rescaler(kA, kB)(gemm).seconds, 25e-6, 0.1e-6);
  gemm.product = {1, 1, 8192, 8192, "float16"};  // bound by bytes
  EXPECT_NEAR(Rescaler(kA, kB)(gemm).seconds, 50e-6, 0.1e-6);
  EXPECT_EQ(Rescaler(kA, kB)(gemm).rule, RescaleRule::kMatrixProduct);
}

TEST(Rescaler, A_product_of_a_format_without_a_family_falls_back_to_bandwidth) {
  CapturedOperation gemm = operation(KernelClass::kGemm, 100e-6);
  gemm.product = {1, 16, 64, 64, "float32"};
  EXPECT_EQ(Rescaler(kA, kB)(gemm).rule, RescaleRule::kBandwidth);
}

TEST(Rescaler, Copies_follow_PCIe_and_collectives_NVLink) {
  CapturedOperation copy = operation(KernelClass::kMemcpy, 10e-6);
  copy.host_copy = true;
  EXPECT_DOUBLE_EQ(Rescaler(kA, kB)(copy).seconds, 20e-6);
  EXPECT_DOUBLE_EQ(Rescaler(kA, kB)(operation(KernelClass::kCollective, 10e-6)).seconds, 30e-6);
}

TEST(Rescaler, Needs_the_family_of_small_kernels) {
  spec::GpuSpec bare = kA;
  bare.families.clear();
  EXPECT_NE(test::input_error([&] {
              Rescaler{kA, bare};
            }).find("no kernel family 'elementwise'"),
            std::string::npos);
}

}  // namespace
}  // namespace hopsim::cost
