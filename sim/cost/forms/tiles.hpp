// SPDX-License-Identifier: Apache-2.0
// A matrix product as a library computes it: the output is cut into tiles of tm x tn, k into s parts, the
// pieces run in waves over the SMs, and the library takes the fastest of all cuts. With F/S the tensor peak
// of one SM:
//   warm   = 1 / (1 + (copies W / (l2_share L2))^l2_slope)        share of the weights W that L2 still holds
//   memory = (W (1 - warm) + inputs + outputs) / (e_hbm BW) + W warm / (l2_speedup BW)
//   pieces = ceil(m / tm) ceil(n / tn) s
//   tf     = ceil(pieces / S) (wave + k/s (2 tm tn / (eff F/S) + dequant tn)),  eff = e_flop a / (a +
//   intensity) tb     = memory / min(1, pieces / (S saturation)),                          a = 2 tm tn / (tm
//   + tn) t      = t0 + quant 3 m k / BW + min over cuts of (tb^p + tf^p)^(1/p) + [s > 1] (split + reduce 8 s
//   m n / BW)
// A kernel that quantises inputs reads 2 and writes 1 byte for each; partial sums are 4 bytes, written and
// read. The cheapest cut is found with plain numbers, so that derivatives are those of one cut and few powers
// are taken.
#pragma once

#include <algorithm>
#include <array>
#include <type_traits>

#include "cost/forms/form.hpp"

namespace hopsim::cost::forms {

struct Tiles {
  static constexpr std::string_view kName = "tiles";
  static constexpr bool kUsesTensorPeak = true;
  static constexpr std::size_t kSize = 14;
  static constexpr double kLossScale = 0.1;
  static constexpr double kPriorWeight = 0;
  enum : std::size_t {
    kT0,
    kHbm,
    kL2,
    kFlop,
    kIntensity,
    kWave,
    kSplit,
    kReduce,
    kSaturation,
    kL2Share,
    kL2Slope,
    kQuant,
    kDequant,
    kPower
  };

  static const std::array<Parameter, kSize>& parameters() {
    static const std::array<Parameter, kSize> kList = {{{"t0_us", 0, 40, {3, 1.5}},
                                                        {"hbm_efficiency", 0.3, 1.1, {0.8, 0.9}},
                                                        {"l2_speedup", 0.3, 10, {1.5, 2.5}},
                                                        {"flop_efficiency", 0.2, 1.1, {0.85, 1.0}},
                                                        {"half_intensity", 0, 400, {30, 60}},
                                                        {"wave_us", 0, 10, {0.5, 1}},
                                                        {"split_us", 0, 20, {1}},
                                                        {"reduce_factor", 0, 50, {1, 3}},
                                                        {"saturation_per_sm", 0.02, 8, {0.5, 0.3}},
                                                        {"l2_share", 0.1, 2, {0.7}},
                                                        {"l2_slope", 1, 100, {4}},
                                                        {"quant_factor", 0, 20, {0.5, 2}},
                                                        {"dequant_us", 0, 1e-3, {1e-5, 1e-4}},
                                                        {"sharpness", 1.5, 8, {4, 2}}}};
    return kList;
  }

  template <class T>
  static T seconds(const T* p, const Machine& gpu, const KernelWork& work) {
    std::array<double, kSize> plain;
    for (std::size_t i = 0; i < kSize; ++i) {
      plain[i] = value_of(p[i]);
    }
    const double us_per_byte = 1e6 / gpu.bytes_per_s;
    const Priced best = cheapest(plain, gpu, work, memory_us(plain.data(), us_per_byte, gpu, work));
    const T quant = work.quantises * 3.0 * work.m * work.k * us_per_byte * p[kQuant];
    if constexpr (std::is_same_v<T, double>) {
      return 1e-6 * (p[kT0] + quant + best.us);
    } else {
      return 1e-6 * (p[kT0] + quant + cut_us(p, gpu, work, best.cut, memory_us(p, us_per_byte, gpu, work)));
    }
  }

  /// Share of the weights that a benchmark finds in L2 when it takes them again; work.copies > 0.
  template <class T>
  static T warm_share(const Machine& gpu, const KernelWork& work, const T& l2_share, const T& l2_slope) {
    return forms::warm_share(T(work.copies * work.weight_bytes / (l2_share * gpu.l2_bytes)), l2_slope);
  }

 private:
  struct Tile {
    double tm, tn;
  };
  struct Cut {
    Tile tile;
    double split;
  };
  struct Priced {
    Cut cut;
    double us;
  };
  static constexpr std::array<Tile, 12> kTiles = {{{16, 64},
                                                   {16, 128},
                                                   {32, 64},
                                                   {32, 128},
                                                   {64, 64},
                                                   {64, 128},
                                                   {64, 256},
                                                   {128, 64},
                                                   {128, 128},
                                                   {128, 256},
                                                   {256, 64},
                                                   {256, 128}}};
  static constexpr std::array<double, 5> kSplits = {1, 2, 4, 8, 16};

  template <class T>
  static double value_of(const T& x) {
    if constexpr (std::is_same_v<T, double>) {
      return x;
    } else {
      return x.a;
    }
  }

  template <class T>
  static T memory_us(const T* p, double us_per_byte, const Machine& gpu, const KernelWork& work) {
    const T moving = us_per_byte / p[kHbm];
    if (work.copies <= 0) {  // a model's weights: other layers evict them between two uses
      return work.bytes * moving;
    }
    const T warm_bytes = work.weight_bytes * warm_share(gpu, work, p[kL2Share], p[kL2Slope]);
    return (work.bytes - warm_bytes) * moving + warm_bytes * (us_per_byte / p[kL2]);
  }

  // Time of one row of k in one piece.
  template <class T>
  static T depth_us(const T* p, double flop_us_per_sm, const KernelWork& work, Tile tile) {
    const double intensity = 2 * tile.tm * tile.tn / (tile.tm + tile.tn);
    const T efficiency = p[kFlop] * intensity / (intensity + p[kIntensity]);
    return 2 * tile.tm * tile.tn / (flop_us_per_sm * efficiency) + work.dequantises * tile.tn * p[kDequant];
  }

  template <class T>
  static T cut_us(const T* p, const Machine& gpu, const KernelWork& work, Cut cut, const T& memory) {
    using std::pow;
    const double pieces = std::ceil(work.m / cut.tile.tm) * std::ceil(work.n / cut.tile.tn) * cut.split;
    const T depth = depth_us(p, gpu.flops_per_s * 1e-6 / gpu.sms, work, cut.tile);
    const T tf = std::ceil(pieces / gpu.sms) * (p[kWave] + work.k / cut.split * depth);
    const T fill = pieces / (gpu.sms * p[kSaturation]);
    const T tb = fill < 1.0 ? T(memory / fill) : memory;
    const bool memory_bound = tf < tb;
    const T large = memory_bound ? tb : tf;
    const T ratio = memory_bound ? T(tf / tb) : T(tb / tf);
    T out = large * pow(1.0 + pow(ratio, p[kPower]), 1.0 / p[kPower]);
    if (cut.split > 1) {
      out += p[kSplit] + p[kReduce] * (cut.split * work.m * work.n * 8e6 / gpu.bytes_per_s);
    }
    return out;
  }

  // (1 + r^p)^(1/p) >= (1 + r^q)^(1/q) >= 1 + (2^(1/q) - 1) r^q for r in [0, 1] and a whole q >= p: no power
  // taken.
  struct JoinBound {
    int exponent;
    double chord;

    explicit JoinBound(double power)
        : exponent(static_cast<int>(std::ceil(power))), chord(std::log(2.0) / exponent) {}
    [[nodiscard]] double at(double ratio) const {
      double raised = ratio;
      for (int i = 1; i < exponent; ++i) {
        raised *= ratio;
      }
      return 1 + chord * raised;
    }
  };

  // A lower bound of each cut's time comes first, then the times of those that may be the cheapest.
  static Priced cheapest(const std::array<double, kSize>& p, const Machine& gpu, const KernelWork& work,
                         double memory) {
    constexpr std::size_t kCuts = kTiles.size() * kSplits.size();
    const double flop_us_per_sm = gpu.flops_per_s * 1e-6 / gpu.sms;
    const double per_sm = 1 / gpu.sms;
    const double full = gpu.sms * p[kSaturation] * memory;
    const double reduce = p[kReduce] * work.m * work.n * 8e6 / gpu.bytes_per_s;
    const double widest = std::max(16.0, 4 * work.m);
    const JoinBound bound(p[kPower]);
    std::array<double, kCuts> at_least;
    std::array<std::size_t, kCuts> cuts;
    std::size_t count = 0;
    std::size_t lowest = 0;
    for (std::size_t t = 0; t < kTiles.size(); ++t) {
      const Tile tile = kTiles[t];
      if (tile.tm >= widest && tile.tm > 16) {
        continue;
      }
      const double outputs = std::ceil(work.m / tile.tm) * std::ceil(work.n / tile.tn);
      const double depth = work.k * depth_us(p.data(), flop_us_per_sm, work, tile);
      const double unfilled = full / outputs;
      for (std::size_t s = 0; s < kSplits.size(); ++s) {
        const double inverse = 1 / kSplits[s];
        const double tf = std::ceil(outputs * kSplits[s] * per_sm) * (p[kWave] + depth * inverse);
        const double tb = std::max(memory, unfilled * inverse);
        const double extra = s > 0 ? p[kSplit] + reduce * kSplits[s] : 0;
        const double large = std::max(tb, tf);
        at_least[count] = large * bound.at(std::min(tb, tf) / large) + extra;
        cuts[count] = t * kSplits.size() + s;
        lowest = at_least[count] < at_least[lowest] ? count : lowest;
        ++count;
      }
    }
    const auto cut_at = [&](std::size_t i) {
      return Cut{kTiles[cuts[i] / kSplits.size()], kSplits[cuts[i] % kSplits.size()]};
    };
    Priced best = {cut_at(lowest), cut_us(p.data(), gpu, work, cut_at(lowest), memory)};
    for (std::size_t i = 0; i < count; ++i) {
      if (i == lowest || at_least[i] >= best.us) {
        continue;
      }
      const Cut cut = cut_at(i);
      const double us = cut_us(p.data(), gpu, work, cut, memory);
      if (us < best.us) {
        best = {cut, us};
      }
    }
    return best;
  }
};

}  // namespace hopsim::cost::forms
