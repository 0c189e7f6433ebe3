// SPDX-License-Identifier: Apache-2.0
// Time of an operation: a CUDA graph of many launches over rotating slots is replayed between two events,
// several times. A graph leaves out the host; what stays is the kernel and the step from node to node
// (graph_launch in launch.csv tells how long that is).
#pragma once

#include "microbench/statistics.hpp"
#include "microbench/workbench.hpp"

namespace hopsim::microbench {

/// An instantiated graph of `launches` launches, slots in turn.
class LaunchGraph {
 public:
  LaunchGraph(cudaStream_t stream, const std::function<void(std::int64_t)>& launch, std::int64_t launches);
  ~LaunchGraph();
  LaunchGraph(const LaunchGraph&) = delete;
  LaunchGraph& operator=(const LaunchGraph&) = delete;
  void replay() const { HOPSIM_CHECKED(cudaGraphLaunch(executable_, stream_)); }
  [[nodiscard]] std::int64_t launches() const { return launches_; }

 private:
  cudaStream_t stream_;
  cudaGraphExec_t executable_ = nullptr;
  std::int64_t launches_;
};

class EventPair {
 public:
  EventPair() {
    HOPSIM_CHECKED(cudaEventCreate(&start_));
    HOPSIM_CHECKED(cudaEventCreate(&stop_));
  }
  ~EventPair() {
    cudaEventDestroy(start_);
    cudaEventDestroy(stop_);
  }
  EventPair(const EventPair&) = delete;
  EventPair& operator=(const EventPair&) = delete;
  /// Seconds on the GPU from before to after `work`, waited for.
  template <class Work>
  [[nodiscard]] double seconds(cudaStream_t stream, const Work& work) {
    HOPSIM_CHECKED(cudaEventRecord(start_, stream));
    work();
    HOPSIM_CHECKED(cudaEventRecord(stop_, stream));
    HOPSIM_CHECKED(cudaEventSynchronize(stop_));
    float ms = 0;
    HOPSIM_CHECKED(cudaEventElapsedTime(&ms, start_, stop_));
    return 1e-3 * static_cast<double>(ms);
  }

 private:
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

struct Timing {
  Summary seconds;            ///< of one launch
  std::int64_t launches = 0;  ///< in one repeat
};

[[nodiscard]] Timing time_operation(cudaStream_t stream, const Operation& operation);

/// Launches in a graph: every slot equally often, at least `least`.
[[nodiscard]] inline std::int64_t whole_rounds(std::int64_t slots, std::int64_t least) {
  return (least + slots - 1) / slots * slots;
}

}  // namespace hopsim::microbench
