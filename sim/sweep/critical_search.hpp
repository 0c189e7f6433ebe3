// SPDX-License-Identifier: Apache-2.0
// N* and B* of every machine, chain and stack pair of an experiment.
#pragma once

#include <memory>
#include <vector>

#include "sweep/bench.hpp"
#include "sweep/sweep.hpp"

namespace hopsim::sweep {

class CriticalSearch {
 public:
  CriticalSearch(const spec::ExperimentSpec& experiment, const Specs& specs);

  /// One (stack, batch) for N* and one (stack, model) for B*; stacks that are their own anchor have none.
  [[nodiscard]] std::size_t units() const { return units_.size(); }
  void run_unit(std::size_t unit, const std::vector<spec::StackSpec>& stacks);
  [[nodiscard]] std::vector<CriticalRow> take_rows();

 private:
  struct Unit {
    bool along_params;
    std::size_t stack;
    std::size_t at;  // index of the batch (N*) or of the model (B*)
  };

  void along_params(const Unit& unit, const std::vector<spec::StackSpec>& stacks,
                    std::vector<CriticalRow>& out) const;
  void along_batch(const Unit& unit, const std::vector<spec::StackSpec>& stacks,
                   std::vector<CriticalRow>& out) const;

  const spec::ExperimentSpec& x_;
  const Specs& specs_;
  std::vector<Unit> units_;
  std::vector<std::vector<CriticalRow>> rows_;  // one list a unit
};

}  // namespace hopsim::sweep
