// SPDX-License-Identifier: Apache-2.0
// One point of the map: a GPU, a host, a model, a stack, a chain and a batch, replayed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cost/costed_step.hpp"
#include "lowering/capacity.hpp"
#include "metrics/comparison.hpp"
#include "metrics/performance.hpp"
#include "replay/build.hpp"
#include "replay/contract.hpp"
#include "spec/chain_waves.hpp"
#include "spec/gpu_count.hpp"
#include "spec/host.hpp"

namespace hopsim::metrics {

/// Specs must outlive what is made of them.
struct Machine {
  const spec::GpuSpec* gpu = nullptr;
  const spec::HostSpec* host = nullptr;
  spec::GpuCount gpus{};
};

struct Workload {
  const spec::ModelSpec* model = nullptr;
  const spec::StackSpec* stack = nullptr;
  const spec::ChainSpec* chain = nullptr;  // as 16 bit runs it; the stack's token inflation is applied here
  int batch = 1;
  // How much more low precision loses than where its accuracy was measured: logarithms of accuracy ratios are
  // multiplied by it. 1 unless the precision law is asked for (spec/precision_law.hpp).
  double loss_factor = 1;
};

/// What the workload's stack does to answers and tokens.
[[nodiscard]] Quality quality_of(const Workload& workload);

/// A workload's chain with its stack's token inflation, and what every machine asks of it. The workload's
/// chain must outlive it.
class RunChain {
 public:
  explicit RunChain(const Workload& workload);

  [[nodiscard]] const Quality& quality() const { return quality_; }
  [[nodiscard]] const spec::ChainSpec& chain() const { return longer_ ? *longer_ : given_; }
  [[nodiscard]] const std::vector<spec::Wave>& waves() const { return waves_; }
  [[nodiscard]] const lowering::ChainNeed& need() const { return need_; }

 private:
  Quality quality_;
  const spec::ChainSpec& given_;
  std::optional<spec::ChainSpec> longer_;
  std::vector<spec::Wave> waves_;
  lowering::ChainNeed need_;
};

/// On how many of a machine's GPUs a workload runs.
struct Placement {
  int gpus = 1;  // those asked for; where these are the fewest and none suffices, the most that can share it
  int fewest = 1;               // that hold it; 0: more than 64, or no number that can share it
  bool fits = true;             // `gpus` can share it and hold it
  std::string obstacle;         // why they can't share it
  lowering::MemoryNeed memory;  // of each
};
/// `chain` is the workload's.
[[nodiscard]] Placement place(const Machine& machine, const Workload& workload, const RunChain& chain);

/// Numbers of GPUs that can share the model.
struct RunsOn {
  int q = 1, anchor = 1;
};

struct PointResult {
  bool supported = true;         // the GPU has every kernel family that the stack needs
  std::string missing_families;  // otherwise
  Placement place;
  bool simulated = false;
  Performance performance;  // set when simulated

  /// Runs on the GPUs asked for.
  [[nodiscard]] bool feasible() const { return supported && place.fits; }
  /// Of all GPUs.
  [[nodiscard]] double memory_bytes() const { return place.gpus * place.memory.total(); }
};

/// What to do with a workload that the GPUs' memories can't hold.
enum class TooBig { kLeave, kSimulateAnyway };

/// Whether evaluate() would replay the workload, without doing so.
[[nodiscard]] bool runs(const cost::StepCoster& coster, const RunChain& chain, const Placement& at,
                        replay::LoweredSteps& steps, TooBig too_big);

/// Replays the workload where it is supported and fits (or `too_big` says to replay it as if it fitted, which
/// is what an anchor needs). `coster` is the machine's, `chain` and `at` are the workload's, `steps` are
/// those of its model, stack and batch on that number of GPUs.
[[nodiscard]] PointResult evaluate(const Machine& machine, const cost::StepCoster& coster,
                                   const Workload& workload, const RunChain& chain, const Placement& at,
                                   replay::LoweredSteps& steps, const replay::Engine& engine, TooBig too_big);
/// The same, placed and lowered for this one workload.
[[nodiscard]] PointResult evaluate(const Machine& machine, const cost::StepCoster& coster,
                                   const Workload& workload, const replay::Engine& engine, TooBig too_big);

/// A point against its 16-bit anchor. Where the anchor does not fit into the GPUs asked for, it is compared
/// as if it did, and `anchor_fits` says so; with the fewest GPUs each side runs on its own number. Where the
/// point itself can't run, the verdict is infeasible.
struct JudgedPoint {
  PointResult point;
  PointResult anchor;
  bool is_anchor = false;
  bool anchor_fits = true;
  Comparison comparison;
};

[[nodiscard]] JudgedPoint judge(PointResult point, PointResult anchor, bool is_anchor,
                                const SiOptions& options);

}  // namespace hopsim::metrics
