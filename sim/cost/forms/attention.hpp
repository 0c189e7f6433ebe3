// SPDX-License-Identifier: Apache-2.0
// One decode step's attention over a KV cache. The four kernels in use cut the work differently (pieces of
// the context that go to one block of threads, "splits"); how, follows from the sizes alone:
//   fa2  FlashAttention-2: its heuristic for splits, none where every query head has its own KV head
//   fa3  FlashAttention-3: dynamic splits up to 992 sequences
//   fi   FlashInfer        trt  TensorRT-LLM's generated kernels
// Split rules of fa2 and fa3 are the libraries'; those of fi and trt are guesses that the jumps in measured
// tables support. With n the work of one piece (in blocks of 128 tokens x 128 dims x 16 bit) and w pieces an
// SM:
//   chain  = one piece alone, pieces = all of them through the SMs in waves, memory = bytes over HBM or L2
//   t = fixed parts + (chain^p + pieces^p + memory^p)^(1/p) + what a cold cache, splits and copies add
// Launch- and latency-like constants are stated at 1.5 GHz. head64_*, group_* and class*_* are logarithms of
// factors: for heads of 64, for each doubling of query heads a KV head, and for variants of a kernel.
#pragma once

#include <algorithm>
#include <array>

#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

/// How a kernel cuts one attention, without a fitted number.
struct AttentionCut {
  double splits = 1;
  double block = 128;      // tokens
  int variant = 0;         // of the kernel: which class*_ parameters apply; 0: none
  double copies = 0;       // 1: queries and outputs are transposed by kernels of their own
  double short_rows = 0;   // 1: a KV row fills half of a DRAM line
  double reduction = 0;    // 1: partial results are reduced by a kernel of its own
  double group_class = 0;  // 1: group_piece_class applies
};

[[nodiscard]] AttentionCut cut_fa2(const Machine&, const KernelWork&);
[[nodiscard]] AttentionCut cut_fa3(const Machine&, const KernelWork&);
[[nodiscard]] AttentionCut cut_fi(const Machine&, const KernelWork&);
[[nodiscard]] AttentionCut cut_trt(const Machine&, const KernelWork&);

namespace attention {

enum Place : std::size_t {
  kT0,
  kChain,
  kChainBlock,
  kPiece,
  kPieceBlock,
  kHbm,
  kL2,
  kL2Share,
  kL2Slope,
  kQueryBytes,
  kQueryFootprint,
  kPower,
  kWaveShare,
  kCold,
  kSequence,
  kHead,
  kSplit,
  kCombine,
  kCombineBytes,
  kHead64,               // t0, chain, chain block, piece, piece block, HBM
  kGroup = kHead64 + 6,  // chain, chain block, piece, piece block, piece in a class
  kCopy = kGroup + 5,
  kCopyBytes,
  kWaste,
  kWasteOnset,
  kReduction,
  kVariant,  // of three variants: t0, chain, piece, piece block
  kSize = kVariant + 12
};

[[nodiscard]] const std::array<Parameter, kSize>& parameters();

template <class T>
[[nodiscard]] T seconds(const T* p, const Machine& gpu, const KernelWork& work, const AttentionCut& cut) {
  using std::exp;
  using std::pow;
  constexpr double kStatedClock_hz = 1.5e9;
  constexpr double kBlockBytes = 32768;
  constexpr double kL2BytesPerUs = 54400;  // an SM, 32 bytes a clock at 1.7 GHz
  const double slow = kStatedClock_hz / gpu.clock_hz;
  const double hbm = gpu.bytes_per_s * 1e-6;  // bytes per us
  const double h = work.head_dim <= 64 ? 1 : 0;
  const double lg = std::log2(work.q_heads / work.kv_heads);
  const double kv = 2 * work.kv_element_bytes * work.m * work.kv_len * work.kv_heads * work.head_dim;
  const double qo = 4 * work.m * work.q_heads * work.head_dim;
  const double blocks = std::ceil(work.kv_len / cut.block);
  const double n =
      std::ceil(blocks / cut.splits) * cut.block * work.kv_element_bytes * work.head_dim / kBlockBytes;
  const double w = work.m * work.kv_heads * cut.splits / gpu.sms;
  const double split = cut.splits > 1 ? 1 : 0;
  const auto variant = [&](std::size_t which) -> T {
    return cut.variant > 0 ? p[kVariant + 4 * (static_cast<std::size_t>(cut.variant) - 1) + which] : T(0.0);
  };
  const T foot = (kv + p[kQueryFootprint] * qo) / gpu.l2_bytes;
  T warm(0.0);
  if (work.copies > 0) {
    warm = 1.0 / (1.0 + pow(foot / p[kL2Share], p[kL2Slope]));
  }
  const T chain = slow * (p[kChain] * exp(p[kHead64 + 1] * h + p[kGroup] * lg + variant(1)) +
                          p[kChainBlock] * exp(p[kHead64 + 2] * h + p[kGroup + 1] * lg + variant(1)) * n);
  const T waves = pow(T(w), 1.0 - p[kWaveShare]) * pow(T(std::ceil(w)), p[kWaveShare]);
  const T group_piece = p[kGroup + 2] + p[kGroup + 4] * cut.group_class;
  const T pieces = waves * (p[kPiece] * exp(p[kHead64 + 3] * h + group_piece * lg + variant(2)) +
                            p[kPieceBlock] * exp(p[kHead64 + 4] * h + p[kGroup + 3] * lg + variant(3)) * n);
  const T onset = 6.0 * (std::log(work.m * cut.splits / gpu.sms) - p[kWasteOnset]);
  const T waste = 1.0 + p[kWaste] * cut.short_rows / (1.0 + exp(-onset));
  const T moved = p[kQueryBytes] * qo;
  const T memory = (kv * waste + moved) * (1.0 - warm) / (p[kHbm] * exp(p[kHead64 + 5] * h) * hbm) +
                   (kv + moved) * warm / (p[kL2] * (gpu.sms * kL2BytesPerUs));
  const T large = larger(larger(chain, pieces), memory);
  const T power = p[kPower];
  const T joined =
      large *
      pow(pow(chain / large, power) + pow(pieces / large, power) + pow(memory / large, power), 1.0 / power);
  const T fixed = p[kT0] * exp(p[kHead64] * h + variant(0)) + p[kSplit] * split +
                  p[kCombine] * (cut.splits * split) + p[kReduction] * cut.reduction + p[kCopy] * cut.copies +
                  p[kSequence] * work.m + p[kHead] * work.kv_heads;
  const T share = foot / p[kL2Share];
  const T filled = share < 1.0 ? share : T(1.0);
  const T cold = p[kCold] * (1.0 - warm) * filled;
  const T extra = (p[kCombineBytes] * (qo * cut.splits * split) + p[kCopyBytes] * (cut.copies * qo)) / hbm;
  return 1e-6 * (slow * fixed + joined + cold + extra);
}

}  // namespace attention

/// One form for each kernel.
template <AttentionCut (*Cut)(const Machine&, const KernelWork&), char A, char B, char C>
struct Attention {
  static constexpr char kText[] = {'a', 't', 't', 'e', 'n', 't', 'i', 'o', 'n', '_', A, B, C};
  static constexpr std::string_view kName{kText, C == ' ' ? sizeof(kText) - 1 : sizeof(kText)};
  static constexpr bool kUsesTensorPeak = false;
  static constexpr std::size_t kSize = attention::kSize;
  static constexpr double kLossScale = 0.04;
  static constexpr double kPriorWeight = 2e-4;

  static const std::array<Parameter, kSize>& parameters() { return attention::parameters(); }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    return attention::seconds(p, gpu, work, Cut(gpu, work));
  }
};

using AttentionFa2 = Attention<cut_fa2, 'f', 'a', '2'>;
using AttentionFa3 = Attention<cut_fa3, 'f', 'a', '3'>;
using AttentionFi = Attention<cut_fi, 'f', 'i', ' '>;
using AttentionTrt = Attention<cut_trt, 't', 'r', 't'>;

}  // namespace hopsim::cost::forms
