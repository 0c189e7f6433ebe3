// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "microbench/timing.hpp"

namespace hopsim::microbench {

namespace {

// Ends a capture that an exception left open, so that the stream stays usable.
class Capture {
 public:
  explicit Capture(cudaStream_t stream) : stream_(stream) {
    HOPSIM_CHECKED(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  }
  ~Capture() {
    if (!open_) return;
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(stream_, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    cudaGetLastError();
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  [[nodiscard]] cudaGraph_t end() {
    open_ = false;
    cudaGraph_t graph = nullptr;
    HOPSIM_CHECKED(cudaStreamEndCapture(stream_, &graph));
    return graph;
  }

 private:
  cudaStream_t stream_;
  bool open_ = true;
};

}  // namespace

LaunchGraph::LaunchGraph(cudaStream_t stream, const std::function<void(std::int64_t)>& launch,
                         std::int64_t launches)
    : stream_(stream), launches_(launches) {
  Capture capture(stream);
  for (std::int64_t i = 0; i < launches; ++i) launch(i);
  cudaGraph_t graph = capture.end();
  const cudaError_t status = cudaGraphInstantiate(&executable_, graph, 0);
  cudaGraphDestroy(graph);
  HOPSIM_CHECKED(status);
}

LaunchGraph::~LaunchGraph() { cudaGraphExecDestroy(executable_); }

Timing time_operation(cudaStream_t stream, const Operation& operation) {
  constexpr int kRepeats = 7;
  constexpr double kRepeatSeconds = 3e-3;
  constexpr std::int64_t kLarge = std::int64_t{256} << 20;
  operation.launch(0);  // modules load and libraries set themselves up before the capture
  HOPSIM_CHECKED(cudaStreamSynchronize(stream));
  const bool large = operation.bytes_read + operation.bytes_written > kLarge;
  const auto in_turn = [&](std::int64_t i) { operation.launch(i % operation.slots); };
  const LaunchGraph graph(stream, in_turn, whole_rounds(operation.slots, large ? 4 : 20));
  EventPair events;
  graph.replay();
  const double once = events.seconds(stream, [&] { graph.replay(); });
  const int replays = static_cast<int>(std::clamp(std::ceil(kRepeatSeconds / once), 1.0, 50.0));
  std::vector<double> seconds;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double elapsed = events.seconds(stream, [&] {
      for (int i = 0; i < replays; ++i) graph.replay();
    });
    seconds.push_back(elapsed / static_cast<double>(replays * graph.launches()));
  }
  return {summarize(seconds), replays * graph.launches()};
}

}  // namespace hopsim::microbench
