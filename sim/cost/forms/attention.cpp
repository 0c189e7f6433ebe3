// SPDX-License-Identifier: Apache-2.0
#include "cost/forms/attention.hpp"

#include <string>

namespace hopsim::cost::forms {

namespace {

// FlashAttention-2's choice: the fewest splits within 85 % of the best use of the last wave. `slots` is two a
// SM.
auto fa2_splits(double sequences, double slots, double blocks) -> double {
  constexpr double kEnough = 0.8;
  constexpr double kMostSplits = 128;
  constexpr double kNearBest = 0.85;
  if (sequences >= kEnough * slots) {
    return 1;
  }
  const double most = std::min({kMostSplits, slots, blocks});
  const auto efficiency = [&](double s) {
    const bool eligible = s <= 1 || std::ceil(blocks / s) != std::ceil(blocks / (s - 1));
    const double waves = sequences * s / slots;
    return eligible ? waves / std::ceil(waves) : 0;
  };
  double best = 0;
  for (double s = 1; s <= most; ++s) {
    best = std::max(best, efficiency(s));
  }
  for (double s = 1; s <= most; ++s) {
    if (efficiency(s) >= kNearBest * best) {
      return s;
    }
  }
  return 1;
}

auto heads64(const KernelWork& work) -> bool { return work.head_dim <= 64; }
auto group(const KernelWork& work) -> double { return work.q_heads / work.kv_heads; }

}  // namespace

AttentionCut cut_fa2(const Machine& gpu, const KernelWork& work) {
  AttentionCut out;
  out.block = heads64(work) ? 256 : 128;
  const bool grouped = group(work) > 1;
  if (grouped) {
    out.splits = fa2_splits(work.m * work.kv_heads, 2 * gpu.sms, std::ceil(work.kv_len / out.block));
  }
  out.variant = grouped ? 0 : 1;
  out.copies = grouped && work.kv_heads > 1 && work.m > 1 ? 1 : 0;
  return out;
}

AttentionCut cut_fa3(const Machine& gpu, const KernelWork& work) {
  constexpr double kMostPrepared = 992;
  AttentionCut out;
  out.block = !heads64(work) && work.kv_element_bytes <= 1 ? 96 : 128;
  const double blocks = std::ceil(work.kv_len / out.block);
  if (work.m <= kMostPrepared) {
    const double per_sm = std::ceil(1.1 * blocks * work.m * work.kv_heads / gpu.sms);
    out.splits = std::clamp(std::ceil(blocks / per_sm), 1.0, gpu.sms);
  }
  out.variant = work.m > kMostPrepared ? 1 : 0;
  out.group_class = out.variant;
  return out;
}

AttentionCut cut_fi(const Machine& gpu, const KernelWork& work) {
  AttentionCut out;
  out.block = 64;
  const double most = std::max(1.0, std::ceil(work.kv_len / 128));
  out.splits = std::clamp(std::floor(2 * gpu.sms / (work.m * work.kv_heads)), 1.0, most);
  out.variant = group(work) <= 16 ? 0 : heads64(work) ? 2 : 1;
  out.short_rows = work.kv_heads > 1 && work.kv_element_bytes * work.head_dim < 128 ? 1 : 0;
  out.copies = work.kv_heads > 1 && !(work.kv_heads >= 8 && work.m <= 2) ? 1 : 0;
  return out;
}

AttentionCut cut_trt(const Machine& gpu, const KernelWork& work) {
  AttentionCut out;
  out.block = 256;
  const double blocks = std::ceil(work.kv_len / out.block);
  out.splits = std::clamp(std::floor(gpu.sms / (work.m * work.kv_heads)), 1.0, blocks);
  const double g = group(work);
  out.variant = g <= 8 ? 0 : g <= 16 ? 1 : g <= 32 ? 2 : 3;
  out.reduction = out.splits >= 4 && g > 16 ? 1 : 0;
  return out;
}

namespace attention {

const std::array<Parameter, kSize>& parameters() {
  const auto factor = [](const char* name, double low, double high, double start) {
    return Parameter{name, low, high, {start}, false, true};
  };
  const auto shift = [](const char* name, double low, double high, double start = 0) {
    return Parameter{name, low, high, {start}, false, false};
  };
  static const std::array<Parameter, kSize> kList = {{factor("t0_us", 2, 40, 9),
                                                      factor("chain_us", 0.05, 20, 2),
                                                      factor("chain_us_per_block", 0.02, 20, 1.5),
                                                      factor("piece_us", 0.05, 30, 2),
                                                      factor("piece_us_per_block", 0.01, 20, 0.8),
                                                      factor("hbm_efficiency", 0.6, 0.97, 0.88),
                                                      factor("l2_factor", 0.15, 4, 1),
                                                      factor("l2_share", 0.6, 1.3, 0.9),
                                                      factor("l2_slope", 4, 14, 8),
                                                      factor("query_factor", 0.1, 6, 1.5),
                                                      factor("query_footprint", 0.05, 4, 1),
                                                      factor("sharpness", 1.5, 10, 3),
                                                      shift("wave_share", 0, 1, 0.7),
                                                      factor("cold_us", 0.001, 10, 0.5),
                                                      factor("sequence_us", 1e-5, 0.1, 0.003),
                                                      factor("kv_head_us", 1e-5, 0.1, 0.005),
                                                      factor("split_us", 0.001, 12, 1.5),
                                                      factor("combine_us_per_split", 0.0005, 0.5, 0.05),
                                                      factor("combine_factor", 0.01, 30, 1),
                                                      shift("head64_t0", -0.5, 0.5),
                                                      shift("head64_chain", -1.5, 1.5),
                                                      shift("head64_chain_block", -1.5, 1.5),
                                                      shift("head64_piece", -1.5, 1.5),
                                                      shift("head64_piece_block", -1.5, 1.5),
                                                      shift("head64_hbm", -0.3, 0.03),
                                                      shift("group_chain", -0.6, 0.6),
                                                      shift("group_chain_block", -0.6, 0.6),
                                                      shift("group_piece", -0.6, 0.6),
                                                      shift("group_piece_block", -0.6, 0.6),
                                                      shift("group_piece_class", -0.6, 0.6),
                                                      factor("copy_us", 0.001, 12, 2),
                                                      factor("copy_factor", 0.01, 20, 1),
                                                      shift("short_row_waste", 0, 1.5, 1),
                                                      shift("short_row_onset", -1, 1.5, 0.3),
                                                      factor("reduction_us", 0.001, 6, 0.3),
                                                      shift("class1_t0", -0.7, 0.9),
                                                      shift("class1_chain", -1.5, 1.5),
                                                      shift("class1_piece", -1.5, 1.5),
                                                      shift("class1_piece_block", -1.5, 1.5),
                                                      shift("class2_t0", -0.7, 0.9),
                                                      shift("class2_chain", -1.5, 1.5),
                                                      shift("class2_piece", -1.5, 1.5),
                                                      shift("class2_piece_block", -1.5, 1.5),
                                                      shift("class3_t0", -0.7, 0.9),
                                                      shift("class3_chain", -1.5, 1.5),
                                                      shift("class3_piece", -1.5, 1.5),
                                                      shift("class3_piece_block", -1.5, 1.5)}};
  return kList;
}

}  // namespace attention

}  // namespace hopsim::cost::forms
