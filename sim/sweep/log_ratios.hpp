// SPDX-License-Identifier: Apache-2.0
// What low precision costs against 16 bit, as critical points are sought in it, and what the points of a
// sweep have already found of it: B* asks for the same batches again. Whether a ratio is known or computed
// anew changes nothing but the time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "metrics/point.hpp"

namespace hopsim::sweep {

class Plan;

/// What a critical point equalises with 16 bit.
enum class Equal { kLatency, kEnergy, kEnergyPerCorrect };
inline constexpr std::size_t kEqualCount = 3;
/// "latency", "energy", "energy_per_correct"
[[nodiscard]] std::string_view to_text(Equal what);

/// log(q / 16 bit) of each criterion; nothing where an accuracy is unknown. Requires that both are simulated.
using LogRatios = std::array<std::optional<double>, kEqualCount>;
[[nodiscard]] LogRatios log_ratios(const metrics::Performance& q, const metrics::Performance& anchor);

/// One pair at one place.
struct PairRatios {
  bool supported = false;        // the GPU has the low-precision kernels
  std::optional<LogRatios> log;  // nothing where either does not run
};
[[nodiscard]] PairRatios pair_ratios(const metrics::PointResult& q, const metrics::PointResult& anchor);

/// Of the places of one plan, filled while it is swept. Safe from several threads.
class KnownRatios {
 public:
  /// Indices into the plan's distinct specs; the batch is itself.
  struct Place {
    std::size_t model, machine, stack, chain;
    int batch;
  };

  explicit KnownRatios(const Plan& plan);
  void add(const Place& place, const PairRatios& ratios);
  [[nodiscard]] std::optional<PairRatios> find(const Place& place) const;

 private:
  [[nodiscard]] std::uint64_t key(const Place& place) const;

  const Plan& plan_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, PairRatios> ratios_;
};

}  // namespace hopsim::sweep
