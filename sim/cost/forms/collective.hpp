// SPDX-License-Identifier: Apache-2.0
// All-reduce and all-gather of S bytes over p equal GPUs, each with bandwidth B to the others (Hockney's
// alpha + beta S; algorithms: Thakur, Rabenseifner, Gropp, IJHPCA 19(1), 2005):
//
//   ring       t = ring + steps * hop + moved / (e_r B)        steps 2 (p-1), moved 2 (p-1)/p S   (NCCL)
//   one shot   t = one + (p-1) S / (e_1 B)                     each GPU reads all others
//   two shots  t = two + 2 (p-1)/p S / (e_2 B)                 reduce-scatter, then all-gather, both direct
//
// A gather takes half the steps of the ring and moves (p-1)/p S; its one shot reads no more than that. Over
// NVLink the fastest of the three is taken, as vLLM and TensorRT-LLM choose by size; over PCIe, where more
// than two GPUs have no direct kernels, the ring. Latencies hold the kernel itself; ranks arrive together.
#pragma once

#include <algorithm>
#include <array>

#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

/// Bytes that the link of one GPU carries each way, and ring steps.
struct RingTraffic {
  double bytes, steps;
};
[[nodiscard]] inline RingTraffic ring_traffic(const KernelWork& work) {
  const double phases = work.gathers > 0 ? 1 : 2;
  return {phases * work.message_bytes * (work.ranks - 1) / work.ranks, phases * (work.ranks - 1)};
}

struct CollectiveRing {
  static constexpr std::string_view kName = "collective_pcie";
  static constexpr bool kUsesTensorPeak = false;
  static constexpr bool kCollective = true;
  static constexpr std::size_t kSize = 3;
  static constexpr double kLossScale = 0.1;
  static constexpr double kPriorWeight = 0;
  enum : std::size_t { kBase, kHop, kEfficiency };

  static const std::array<Parameter, kSize>& parameters() {
    static const std::array<Parameter, kSize> kList = {
        {{"ring_us", 0, 1e4, {8}}, {"ring_hop_us", 0, 1e3, {1.5}}, {"ring_efficiency", 1e-3, 1.2, {0.6}}}};
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    const RingTraffic ring = ring_traffic(work);
    return 1e-6 * (p[kBase] + ring.steps * p[kHop]) + ring.bytes / (gpu.pcie_bytes_per_s * p[kEfficiency]);
  }
};

struct CollectiveNvlink {
  static constexpr std::string_view kName = "collective_nvlink";
  static constexpr bool kUsesTensorPeak = false;
  static constexpr bool kCollective = true;
  static constexpr bool kUsesNvlink = true;
  static constexpr std::size_t kSize = 7;
  static constexpr double kLossScale = 0.1;
  static constexpr double kPriorWeight = 0;
  enum : std::size_t { kOne, kOneEfficiency, kTwo, kTwoEfficiency, kBase, kHop, kEfficiency };

  static const std::array<Parameter, kSize>& parameters() {
    static const std::array<Parameter, kSize> kList = {{{"one_shot_us", 0, 1e4, {5}},
                                                        {"one_shot_efficiency", 1e-3, 1.2, {0.8}},
                                                        {"two_shot_us", 0, 1e4, {12}},
                                                        {"two_shot_efficiency", 1e-3, 1.2, {0.6}},
                                                        {"ring_us", 0, 1e4, {8}},
                                                        {"ring_hop_us", 0, 1e3, {1.5}},
                                                        {"ring_efficiency", 1e-3, 1.2, {0.6}}}};
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    const double link = gpu.nvlink_bytes_per_s;
    const RingTraffic ring = ring_traffic(work);
    const double one_bytes = work.gathers > 0 ? ring.bytes : (work.ranks - 1) * work.message_bytes;
    const T one = 1e-6 * p[kOne] + one_bytes / (link * p[kOneEfficiency]);
    const T two = 1e-6 * p[kTwo] + ring.bytes / (link * p[kTwoEfficiency]);
    const T around = 1e-6 * (p[kBase] + ring.steps * p[kHop]) + ring.bytes / (link * p[kEfficiency]);
    return std::min(one, std::min(two, around));
  }
};

}  // namespace hopsim::cost::forms
