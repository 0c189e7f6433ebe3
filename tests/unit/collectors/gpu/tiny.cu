// SPDX-License-Identifier: Apache-2.0
// A CUDA program that uses a bit of all that is recorded, and prints what it computed: 50 launches in each of
// two streams, copies, a memset, and a graph of four kernels that is launched three times.
#include <nvtx3/nvToolsExt.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr int kElements = 1 << 16;

__global__ void add_one(int* values) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < kElements) {
    values[i] += 1;
  }
}

void check(cudaError_t error) {
  if (error != cudaSuccess) {
    std::fprintf(stderr, "%s\n", cudaGetErrorString(error));
    std::exit(1);
  }
}

void launch(int* values, cudaStream_t stream) {
  add_one<<<kElements / 256, 256, 0, stream>>>(values);
  check(cudaGetLastError());
}

void run_graph(int* values, cudaStream_t stream) {
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  for (int layer = 0; layer < 4; ++layer) {
    nvtxRangePushA(("layer=" + std::to_string(layer)).c_str());
    launch(values, stream);
    nvtxRangePop();
  }
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphInstantiate(&exec, graph, 0));
  for (int i = 0; i < 3; ++i) {
    check(cudaGraphLaunch(exec, stream));
  }
  check(cudaStreamSynchronize(stream));
}

}  // namespace

int main() {
  int* values[2];
  cudaStream_t streams[2];
  for (int s = 0; s < 2; ++s) {
    check(cudaStreamCreate(&streams[s]));
    check(cudaMalloc(&values[s], kElements * sizeof(int)));
    check(cudaMemsetAsync(values[s], 0, kElements * sizeof(int), streams[s]));
  }
  nvtxRangePushA("eager");
  for (int i = 0; i < 100; ++i) {
    launch(values[i % 2], streams[i % 2]);
  }
  nvtxRangePop();
  run_graph(values[0], streams[0]);
  check(cudaDeviceSynchronize());
  long sum = 0;
  for (int s = 0; s < 2; ++s) {
    std::vector<int> host(kElements);
    check(cudaMemcpy(host.data(), values[s], kElements * sizeof(int), cudaMemcpyDeviceToHost));
    for (const int value : host) {
      sum += value;
    }
  }
  std::printf("%ld\n", sum / kElements);  // 100 + 12
}
