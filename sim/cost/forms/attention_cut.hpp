// SPDX-License-Identifier: Apache-2.0
// How a decode-attention kernel cuts one step's attention, from its sizes alone: blocks of keys, splits of a
// sequence that go to different SMs and are combined afterwards, and what it does besides.
//   fa2         FlashAttention-2: the fewest splits near the best use of the last wave; none where every
//               query head has its own KV head
//   fa3         FlashAttention-3: splits that fill the SMs, up to 992 sequences
//   flashinfer  FlashInfer's decode kernel: two CTAs an SM
//   trtllm      generated TensorRT-LLM kernels in FlashInfer: one CTA an SM
// The rules of fa2 and fa3 are the libraries' own, not checked against each version; those of flashinfer and
// trtllm are inferred from jumps in measured tables. A context below one token counts as one.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "cost/kernel_work.hpp"

namespace hopsim::cost::forms {

enum class AttentionKernel { kFa2, kFa3, kFlashinfer, kTrtllm };

struct AttentionCut {
  double block = 128;      // tokens of keys in one step of a CTA
  double splits = 1;       // of each sequence and KV head
  std::size_t cls = 0;     // of the kernel: tile or scheduler; 0 is the one that parameters describe
  bool copies = false;     // queries and outputs are transposed by kernels of their own
  bool half_row = false;   // a head's row fills half of a DRAM line
  bool reduction = false;  // partial results are summed by a kernel of its own
};

/// FlashAttention-2's heuristic: the smallest number of splits whose use of the last wave is within 85 % of
/// the best; numbers that leave the blocks of the longest split as they were do not count. They are passed
/// over without a look, so that at most 2 sqrt(blocks) are tried.
[[nodiscard]] inline double fa2_splits(double sequences, double slots, double blocks) {
  constexpr double kFullEnough = 0.8;
  constexpr int kMost = 128;
  constexpr double kNearBest = 0.85;
  if (sequences >= kFullEnough * slots) {
    return 1;
  }
  struct Choice {
    int splits;
    double use;
  };
  std::array<Choice, kMost> choices;
  std::size_t count = 0;
  const int ctas = static_cast<int>(sequences);
  const int room = static_cast<int>(slots);
  const int all = static_cast<int>(std::min(blocks, 1e9));
  const int most = std::min({kMost, room, all});
  double best = 0;
  for (int splits = 1; splits <= most;) {
    const int waves = (ctas * splits + room - 1) / room;
    const double use = static_cast<double>(ctas * splits) / (waves * room);
    choices[count++] = {splits, use};
    best = std::max(best, use);
    const int longest = (all + splits - 1) / splits;
    splits = longest > 1 ? (all + longest - 2) / (longest - 1) : most + 1;
  }
  const auto near = std::find_if(choices.begin(), choices.begin() + count,
                                 [&](const Choice& c) { return c.use >= kNearBest * best; });
  return near->splits;
}

[[nodiscard]] inline AttentionCut cut_fa2(double sms, const KernelWork& work, double kv_len, double group) {
  AttentionCut out;
  out.block = work.head_dim <= 64 ? 256 : 128;
  if (group <= 1) {
    out.cls = 1;
    return out;
  }
  out.splits = fa2_splits(work.m * work.kv_heads, 2 * sms, std::ceil(kv_len / out.block));
  out.copies = work.kv_heads > 1 && work.m > 1;
  return out;
}

[[nodiscard]] inline AttentionCut cut_fa3(double sms, const KernelWork& work, double kv_len, double) {
  constexpr double kMostPrepared = 992;  // sequences that the kernel which prepares splits takes
  AttentionCut out;
  out.block = work.kv_element_bytes <= 1 && work.head_dim > 64 ? 96 : 128;
  if (work.m > kMostPrepared) {
    out.cls = 1;
    return out;
  }
  const double blocks = std::ceil(kv_len / out.block);
  const double blocks_per_sm = std::ceil(1.1 * blocks * work.m * work.kv_heads / sms);
  out.splits = std::clamp(std::ceil(blocks / blocks_per_sm), 1.0, sms);
  return out;
}

[[nodiscard]] inline AttentionCut cut_flashinfer(double sms, const KernelWork& work, double kv_len,
                                                 double group) {
  AttentionCut out;
  out.block = 64;
  const double most = std::max(1.0, std::ceil(kv_len / 128));
  out.splits = std::clamp(std::floor(2 * sms / (work.m * work.kv_heads)), 1.0, most);
  out.cls = group <= 16 ? 0 : work.head_dim <= 64 ? 2 : 1;  // 16 or 64 rows of queries in a tile
  out.half_row = work.kv_heads > 1 && work.kv_element_bytes * work.head_dim < 128;
  out.copies = work.kv_heads > 1 && !(work.kv_heads >= 8 && work.m <= 2);
  return out;
}

[[nodiscard]] inline AttentionCut cut_trtllm(double sms, const KernelWork& work, double kv_len,
                                             double group) {
  AttentionCut out;
  out.block = 256;
  const double blocks = std::ceil(kv_len / out.block);
  out.splits = std::clamp(std::floor(sms / (work.m * work.kv_heads)), 1.0, blocks);
  out.cls = group <= 8 ? 0 : group <= 16 ? 1 : group <= 32 ? 2 : 3;
  out.reduction = out.splits >= 4 && group > 16;
  return out;
}

/// Requires a work with the sizes of a decode attention.
template <AttentionKernel kKernel>
[[nodiscard]] AttentionCut attention_cut(double sms, const KernelWork& work) {
  const double kv_len = std::max(1.0, work.kv_len);
  const double group = work.q_heads / work.kv_heads;
  switch (kKernel) {
    case AttentionKernel::kFa2:
      return cut_fa2(sms, work, kv_len, group);
    case AttentionKernel::kFa3:
      return cut_fa3(sms, work, kv_len, group);
    case AttentionKernel::kFlashinfer:
      return cut_flashinfer(sms, work, kv_len, group);
    case AttentionKernel::kTrtllm:
      return cut_trtllm(sms, work, kv_len, group);
  }
}

}  // namespace hopsim::cost::forms
