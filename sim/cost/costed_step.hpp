// SPDX-License-Identifier: Apache-2.0
// A step with costs, as both replay engines take it: integer picoseconds and picojoules, so that they add the
// same numbers. A decode step is costed for a window of contexts: `duration_ps` holds at the window's first
// context, and each token further adds `duration_slope_ps`. Windows are narrow (kWindowTokens), so what
// rounding the slope to a whole picosecond loses stays below 130 ps a kernel, while a step's duration becomes
// a convex, piecewise linear function of the context that can be summed exactly without a loop over tokens. A
// decode attention jumps with the context: its line keeps the window's sum, not each step.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/kernel_class.hpp"
#include "cost/kernel_cost.hpp"
#include "lowering/step_work.hpp"
#include "spec/gpu.hpp"
#include "spec/host.hpp"

namespace hopsim::cost {

/// Contexts that share one costed decode step: [i * kWindowTokens, (i + 1) * kWindowTokens).
inline constexpr int kWindowTokens = 256;

/// One action of the host thread, or one node of a graph that it launched.
struct Task {
  enum class Kind {
    kLaunch,       // host pays dispatch, then the kernel joins the stream
    kGraphLaunch,  // host pays dispatch, then the stream may run the graph's nodes
    kGraphNode,    // a kernel that follows on the stream without the host
    kHostWork,     // host pays dispatch
    kSync          // host waits for the stream to drain, then pays dispatch
  };

  Kind kind = Kind::kLaunch;
  KernelClass cls = KernelClass::kOther;
  std::int64_t dispatch_ps = 0;
  std::int64_t duration_ps = 0;  // GPU time at the first context of the window
  std::int64_t duration_slope_ps = 0;
  std::int64_t energy_pj = 0;  // whole board energy while it runs
  std::int64_t energy_slope_pj = 0;

  [[nodiscard]] bool is_kernel() const { return kind == Kind::kLaunch || kind == Kind::kGraphNode; }
};

inline constexpr std::size_t kStepBlocks = 3;  // prologue, layer, epilogue
inline constexpr std::size_t kLayerBlock = 1;

struct CostedStep {
  std::vector<Task> prologue;
  std::vector<Task> layer;
  std::int64_t layers = 1;
  std::vector<Task> epilogue;
  std::int64_t launch_ps = 0;  // from the end of a launch call to the start on an idle stream

  /// By number, in the order of a step.
  [[nodiscard]] std::vector<Task>& block(std::size_t i) {
    return i == 0 ? prologue : i == kLayerBlock ? layer : epilogue;
  }
  [[nodiscard]] const std::vector<Task>& block(std::size_t i) const {
    return i == 0 ? prologue : i == kLayerBlock ? layer : epilogue;
  }
};

/// Where the equal tasks of one call stand in a costed step, for a call whose cost grows with the context.
struct GrowingTasks {
  const lowering::Call* call = nullptr;
  const KernelTimer* timer = nullptr;
  std::size_t block = 0;
  std::size_t first = 0, count = 1;  // within the block
};

/// Costs the steps of one lowering on one GPU and host.
class StepCoster {
 public:
  /// `gpu` must outlive the coster.
  StepCoster(const spec::GpuSpec& gpu, const spec::HostSpec& host);

  /// The kernel families that `work` needs and the GPU profile lacks, joined; empty when it can run.
  [[nodiscard]] std::string missing_families(const lowering::StepWork& work) const;

  /// Bytes that a matrix product moves: at its family's number format where that is stated, else as the stack
  /// says. Requires that its family is not missing.
  [[nodiscard]] double product_bytes(const lowering::Call& call) const;

  /// Costs for contexts first_ctx .. first_ctx + window - 1 (window 1: a prefill). Requires that no family is
  /// missing.
  [[nodiscard]] CostedStep cost(const lowering::StepWork& work, int first_ctx, int window) const;

  /// The tasks of a step that are to be costed again for other contexts, in order. They point into `work` and
  /// this coster.
  [[nodiscard]] std::vector<GrowingTasks> growing(const lowering::StepWork& work) const;
  /// One of them for other contexts.
  void cost_at(const GrowingTasks& growing, const lowering::AttentionSizes& attention, int first_ctx,
               int window, Task& task) const;

 private:
  void cost_kernel(const lowering::Call& call, const KernelTimer& timer,
                   const lowering::AttentionSizes& attention, int first_ctx, int window, Task& task) const;
  [[nodiscard]] std::vector<Task> costed(const std::vector<lowering::Call>& calls,
                                         const lowering::AttentionSizes& attention, int first_ctx,
                                         int window) const;

  const spec::GpuSpec& gpu_;
  double host_speed_;
  std::unordered_map<std::string, KernelTimer> timers_;
};

}  // namespace hopsim::cost
