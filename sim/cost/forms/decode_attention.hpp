// SPDX-License-Identifier: Apache-2.0
// One decode step's attention over a KV cache, cut as attention_cut.hpp says. Microseconds, with c = 1.5 GHz
// / clock, b the work of one CTA in blocks of 32 KiB of keys (128 tokens x 128 dims x 16 bit), w CTAs an SM:
//   warm   = 1 / (1 + (footprint / (l2_share L2))^l2_slope)  in a benchmark that repeats one KV cache, 0 in a
//            model, whose weights evict it between two layers;  footprint = kv + query_footprint queries
//   chain  = c (chain_us + chain_us_per_block b)                        one CTA alone
//   pieces = w^(1 - wave_share) ceil(w)^wave_share (piece_us + piece_us_per_block b)      all CTAs
//   memory = (kv waste + query_factor queries) (1 - warm) / (hbm_efficiency BW)
//            + (kv + query_factor queries) warm / (l2_factor S 54400 B/us);   waste: half-used DRAM lines
//   t      = c (t0_us + splits, copies, sequence_us m + kv_head_us heads) + (chain^p + pieces^p +
//            memory^p)^(1/p) + cold_us (1 - warm) min(1, footprint / (l2_share L2)) + combine and copy bytes
// head64_* (heads of 64), group_* (a doubling of query heads a KV head) and class*_* (AttentionCut::cls) are
// logarithms of factors. A kernel has only the parameters that it can use.
#pragma once

#include <array>
#include <span>

#include "cost/forms/attention_cut.hpp"
#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

/// Where each parameter of a kernel stands.
template <AttentionKernel kKernel>
struct AttentionLayout {
  static constexpr bool kFa3 = kKernel == AttentionKernel::kFa3;
  static constexpr bool kFlashinfer = kKernel == AttentionKernel::kFlashinfer;
  static constexpr bool kTrtllm = kKernel == AttentionKernel::kTrtllm;
  static constexpr bool kCopies = kKernel == AttentionKernel::kFa2 || kFlashinfer;
  static constexpr std::size_t kClasses = kTrtllm ? 3 : kFlashinfer ? 2 : 1;
  enum : std::size_t {
    kT0,
    kChain,
    kChainBlock,
    kPiece,
    kPieceBlock,
    kHbm,
    kL2,
    kL2Share,
    kL2Slope,
    kQueryFactor,
    kQueryFootprint,
    kSharpness,
    kWaveShare,
    kCold,
    kSequence,
    kKvHead,
    kSplit,
    kCombine,
    kCombineFactor,
    kHead64,               // t0, chain, chain block, piece, piece block, HBM
    kGroup = kHead64 + 6,  // chain, chain block, piece, piece block
    kGroupClass = kGroup + 4,
    kCopy = kGroupClass + (kFa3 ? 1 : 0),  // and copy factor
    kWaste = kCopy + (kCopies ? 2 : 0),    // and its onset
    kReduction = kWaste + (kFlashinfer ? 2 : 0),
    kClass = kReduction + (kTrtllm ? 1 : 0),  // of each class: t0, chain, piece, piece block
    kSize = kClass + 4 * kClasses
  };
};

/// The parameters of a kernel with kClasses classes beside the first, in the order of the layout.
[[nodiscard]] std::vector<Parameter> attention_parameters(AttentionKernel kernel, std::size_t classes);

template <AttentionKernel kKernel>
struct DecodeAttention {
  using Place = AttentionLayout<kKernel>;
  static constexpr std::string_view kName = kKernel == AttentionKernel::kFa2          ? "attention_fa2"
                                            : kKernel == AttentionKernel::kFa3        ? "attention_fa3"
                                            : kKernel == AttentionKernel::kFlashinfer ? "attention_fi"
                                                                                      : "attention_trt";
  static constexpr bool kUsesTensorPeak = false;
  static constexpr bool kDecodeAttention = true;
  static constexpr std::size_t kSize = Place::kSize;
  static constexpr double kLossScale = 0.04;
  static constexpr double kPriorWeight = 2e-4;

  static std::span<const Parameter> parameters() {
    static const std::vector<Parameter> kList = attention_parameters(kKernel, Place::kClasses);
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    const Sizes s = sizes(gpu, work);
    const T foot =
        (s.kv_bytes + p[Place::kQueryFootprint] * s.query_bytes) / (p[Place::kL2Share] * gpu.l2_bytes);
    const T warm = warm_share(p, work, foot);
    const T stream = joined(p, chain_us(p, s), pieces_us(p, s), memory_us(p, gpu, s, warm));
    const T cold = p[Place::kCold] * (1.0 - warm) * (foot < 1.0 ? foot : T(1.0));
    return 1e-6 * (fixed_us(p, work, s) + stream + cold + extra_us(p, gpu, s));
  }

 private:
  // Without a fitted number.
  struct Sizes {
    AttentionCut cut;
    double slow;                   // clock of 1.5 GHz over this one
    double kv_bytes, query_bytes;  // query_bytes: queries and outputs, 16 bit
    double blocks;                 // of 32 KiB of keys in one CTA
    double per_sm;                 // CTAs
    double head64, log_group;
    double resident;  // log of a sequence's CTAs an SM
  };

  static Sizes sizes(const Machine& gpu, const KernelWork& work) {
    constexpr double kStatedClock_hz = 1.5e9;
    constexpr double kBlockBytes = 32768;
    constexpr double kQueryElementBytes = 2;
    Sizes out;
    out.cut = attention_cut<kKernel>(gpu.sms, work);
    const AttentionCut& cut = out.cut;
    const double kv_len = std::max(1.0, work.kv_len);
    const double row_bytes = work.kv_element_bytes * work.head_dim;
    out.slow = kStatedClock_hz / gpu.clock_hz;
    out.kv_bytes = 2 * row_bytes * work.m * work.kv_heads * kv_len;
    out.query_bytes = 2 * kQueryElementBytes * work.m * work.q_heads * work.head_dim;
    const double steps = std::ceil(std::ceil(kv_len / cut.block) / cut.splits);
    out.blocks = steps * cut.block * row_bytes / kBlockBytes;
    out.per_sm = work.m * work.kv_heads * cut.splits / gpu.sms;
    out.head64 = work.head_dim <= 64 ? 1 : 0;
    out.log_group = std::log2(work.q_heads / work.kv_heads);
    out.resident = cut.half_row ? std::log(work.m * cut.splits / gpu.sms) : 0;
    return out;
  }

  // Sum of the logarithms of factors for a head size, a group and a class.
  template <class T>
  static T factor(const T* p, const Sizes& s, std::size_t head64, const T& group, std::size_t in_class) {
    using std::exp;
    T log_factor = p[Place::kHead64 + head64] * s.head64 + group * s.log_group;
    if (s.cut.cls > 0) {
      log_factor += p[Place::kClass + 4 * (s.cut.cls - 1) + in_class];
    }
    return exp(log_factor);
  }

  template <class T>
  static T warm_share(const T* p, const KernelWork& work, const T& foot) {
    return work.copies > 0 ? forms::warm_share(T(work.copies * foot), p[Place::kL2Slope]) : T(0.0);
  }

  template <class T>
  static T chain_us(const T* p, const Sizes& s) {
    return s.slow * (p[Place::kChain] * factor(p, s, 1, p[Place::kGroup], 1) +
                     p[Place::kChainBlock] * s.blocks * factor(p, s, 2, p[Place::kGroup + 1], 1));
  }

  template <class T>
  static T pieces_us(const T* p, const Sizes& s) {
    using std::pow;
    T group = p[Place::kGroup + 2];
    if constexpr (Place::kFa3) {
      group += p[Place::kGroupClass] * static_cast<double>(s.cut.cls);
    }
    const T waves = s.per_sm * pow(std::ceil(s.per_sm) / s.per_sm, p[Place::kWaveShare]);
    return waves * (p[Place::kPiece] * factor(p, s, 3, group, 2) +
                    p[Place::kPieceBlock] * s.blocks * factor(p, s, 4, p[Place::kGroup + 3], 3));
  }

  template <class T>
  static T memory_us(const T* p, const Machine& gpu, const Sizes& s, const T& warm) {
    using std::exp;
    constexpr double kL2BytesPerUs = 54400;  // of an SM: 32 bytes a clock at 1.7 GHz
    const T queries = p[Place::kQueryFactor] * s.query_bytes;
    T read = s.kv_bytes + queries;
    if constexpr (Place::kFlashinfer) {
      if (s.cut.half_row) {
        read += s.kv_bytes * p[Place::kWaste] / (1.0 + exp(-6.0 * (s.resident - p[Place::kWaste + 1])));
      }
    }
    T bandwidth = p[Place::kHbm] * (gpu.bytes_per_s * 1e-6);
    if (s.head64 > 0) {
      bandwidth *= exp(p[Place::kHead64 + 5]);
    }
    return read * (1.0 - warm) / bandwidth +
           (s.kv_bytes + queries) * warm / (p[Place::kL2] * (gpu.sms * kL2BytesPerUs));
  }

  template <class T>
  static T joined(const T* p, const T& chain, const T& pieces, const T& memory) {
    using std::pow;
    const T largest = larger(larger(chain, pieces), memory);
    const T& power = p[Place::kSharpness];
    const auto raised = [&](const T& t) -> T { return t < largest ? T(pow(t / largest, power)) : T(1.0); };
    return largest * pow(raised(chain) + raised(pieces) + raised(memory), 1.0 / power);
  }

  template <class T>
  static T fixed_us(const T* p, const KernelWork& work, const Sizes& s) {
    T out = p[Place::kT0] * factor(p, s, 0, T(0.0), 0) + p[Place::kSequence] * work.m +
            p[Place::kKvHead] * work.kv_heads;
    if (s.cut.splits > 1) {
      out += p[Place::kSplit] + p[Place::kCombine] * s.cut.splits;
    }
    if constexpr (Place::kCopies) {
      out += p[Place::kCopy] * (s.cut.copies ? 1.0 : 0.0);
    }
    if constexpr (Place::kTrtllm) {
      out += p[Place::kReduction] * (s.cut.reduction ? 1.0 : 0.0);
    }
    return s.slow * out;
  }

  // Partial results and transposed queries, through HBM.
  template <class T>
  static T extra_us(const T* p, const Machine& gpu, const Sizes& s) {
    const double query_us = s.query_bytes / (gpu.bytes_per_s * 1e-6);
    T out(0.0);
    if (s.cut.splits > 1) {
      out += p[Place::kCombineFactor] * (query_us * s.cut.splits);
    }
    if constexpr (Place::kCopies) {
      out += p[Place::kCopy + 1] * (s.cut.copies ? query_us : 0.0);
    }
    return out;
  }
};

using AttentionFa2 = DecodeAttention<AttentionKernel::kFa2>;
using AttentionFa3 = DecodeAttention<AttentionKernel::kFa3>;
using AttentionFi = DecodeAttention<AttentionKernel::kFlashinfer>;
using AttentionTrt = DecodeAttention<AttentionKernel::kTrtllm>;

}  // namespace hopsim::cost::forms
