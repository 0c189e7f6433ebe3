// SPDX-License-Identifier: Apache-2.0
// N* and B* of every machine, chain and stack pair of an experiment.
#pragma once

#include <string>
#include <vector>

#include "metrics/bands.hpp"
#include "metrics/critical.hpp"
#include "sweep/bench.hpp"
#include "sweep/log_ratios.hpp"

namespace hopsim::sweep {

/// N* (along parameters, for one batch) or B* (along batch, for one model).
struct CriticalRow {
  bool along_params = true;
  std::size_t gpu = 0, host = 0, variant = 0, stack = 0, chain = 0;
  std::size_t model = 0;  // B* only
  int batch = 0;          // N* only
  Equal equal = Equal::kLatency;
  metrics::CriticalPoints points;
  double literature_params = 0;  // N*: the closed form, see metrics/critical.hpp; 0 where it gives none
  metrics::CriticalBands bands;  // over the draws, empty without them (sweep/draws.hpp)
};

/// Rows as bytes, for messages between processes of one build.
[[nodiscard]] std::string to_bytes(const std::vector<CriticalRow>& rows);
[[nodiscard]] std::vector<CriticalRow> rows_of(const std::string& bytes);

class CriticalSearch {
 public:
  /// The plan must outlive it.
  explicit CriticalSearch(const Plan& plan);

  /// One a batch for N* and one a model for B*, of all stacks that are not their own anchor; an experiment
  /// that seeks no critical points has none.
  [[nodiscard]] std::size_t units() const { return units_.size(); }
  /// Safe from several threads, each with its own stacks and engine.
  /// What is in `known` is not computed again.
  [[nodiscard]] std::vector<CriticalRow> run_unit(std::size_t unit, const StackCopies& stacks,
                                                  const replay::Engine& engine,
                                                  const KnownRatios* known = nullptr) const;

 private:
  struct Unit {
    bool along_params;
    std::size_t at;  // index of the batch (N*) or of the model (B*)
  };

  [[nodiscard]] std::vector<CriticalRow> along_params(const Unit& unit, const StackCopies& stacks,
                                                      const replay::Engine& engine) const;
  [[nodiscard]] std::vector<CriticalRow> along_batch(const Unit& unit, const StackCopies& stacks,
                                                     const replay::Engine& engine,
                                                     const KnownRatios* known) const;
  /// Calls place(row, machine, stack, chain) for every GPU, host, variant, stack and chain; `row` says which.
  template <class Place>
  void for_each_place(const Unit& unit, Place place) const;

  const Plan& plan_;
  std::vector<Unit> units_;
};

}  // namespace hopsim::sweep
