// SPDX-License-Identifier: Apache-2.0
// The specs of a sweep, looked up once, and the evaluation of one workload against its anchor on all
// machines.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metrics/point.hpp"
#include "replay/folded/folded_engine.hpp"
#include "spec/catalog.hpp"
#include "spec/experiment.hpp"

namespace hopsim::sweep {

/// Specs by the indices of the experiment's axes; anchors by name.
struct Specs {
  std::vector<metrics::Machine> machines;  // gpu-major: gpu * hosts + host
  std::vector<cost::StepCoster> costers;   // one a machine
  std::vector<const spec::ModelSpec*> models;
  std::vector<const spec::StackSpec*> stacks;  // the experiment's, then anchors that are not among them
  std::vector<std::size_t> anchor;             // of each stack of the experiment, an index into stacks
  std::vector<bool> is_anchor;                 // of each of `stacks`: simulated also where it does not fit
  std::vector<const spec::ChainSpec*> chains;
  std::size_t hosts = 1;
};

[[nodiscard]] Specs look_up(const spec::ExperimentSpec& experiment, spec::Catalog& catalog);

/// Copies of the stacks for each worker: expressions are not shared between threads, and parsing them is
/// dear.
class WorkerStacks {
 public:
  WorkerStacks(const Specs& specs, int workers);
  [[nodiscard]] const std::vector<spec::StackSpec>& of(std::size_t worker) const { return copies_[worker]; }

 private:
  std::vector<std::vector<spec::StackSpec>> copies_;
};

/// Evaluates one model at one batch for any stack, machine and chain. Everything given must outlive it.
class Bench {
 public:
  Bench(const Specs& specs, const std::vector<spec::StackSpec>& stacks, const spec::ModelSpec& model,
        int batch);

  [[nodiscard]] metrics::PointResult evaluate(std::size_t machine, std::size_t stack, std::size_t chain);

 private:
  const Specs& specs_;
  const std::vector<spec::StackSpec>& stacks_;
  const spec::ModelSpec& model_;
  int batch_;
  std::map<std::size_t, replay::LoweredSteps> lowered_;  // by stack
  replay::FoldedEngine engine_;
};

}  // namespace hopsim::sweep
