// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <functional>

#include "microbench/launch_cost.hpp"
#include "microbench/timing.hpp"

namespace hopsim::microbench {

namespace {

using Clock = std::chrono::steady_clock;

double microseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

// The GPU's front end goes idle between trials; 50 us is what an eager framework leaves between kernels.
void spin_us(double us) {
  const Clock::time_point start = Clock::now();
  while (microseconds(start, Clock::now()) < us) {
  }
}

// Host time of `timed` with the device idle before it.
LaunchCost host_cost(int repeats, const std::function<void()>& timed) {
  constexpr int kWarmUp = 20;
  std::vector<double> times;
  for (int i = -kWarmUp; i < repeats; ++i) {
    HOPSIM_CHECKED(cudaDeviceSynchronize());
    spin_us(50);
    const Clock::time_point start = Clock::now();
    timed();
    const Clock::time_point stop = Clock::now();
    if (i >= 0) times.push_back(microseconds(start, stop));
  }
  HOPSIM_CHECKED(cudaDeviceSynchronize());
  const Summary summary = summarize(times);
  return {summary.median, std::nullopt, summary};
}

// Back to back: host time a call while the queue is not full, and GPU time a kernel.
LaunchCost back_to_back(std::int64_t count, cudaStream_t stream, const std::function<void()>& launch) {
  constexpr int kRepeats = 15;
  std::vector<double> host, device;
  EventPair events;
  for (int repeat = -2; repeat < kRepeats; ++repeat) {
    HOPSIM_CHECKED(cudaStreamSynchronize(stream));
    double host_us = 0;
    const double device_s = events.seconds(stream, [&] {
      const Clock::time_point start = Clock::now();
      for (std::int64_t i = 0; i < count; ++i) launch();
      host_us = microseconds(start, Clock::now());
    });
    if (repeat < 0) continue;
    host.push_back(host_us / static_cast<double>(count));
    device.push_back(1e6 * device_s / static_cast<double>(count));
  }
  const Summary summary = summarize(host);
  return {summary.median, summarize(device).median, summary};
}

// From the call until the host sees what the kernel wrote into its memory: launch, start, and a write over
// the bus.
LaunchCost seen_by_host(cudaStream_t stream) {
  std::uint32_t* flag = nullptr;
  std::uint32_t* mapped = nullptr;
  HOPSIM_CHECKED(cudaHostAlloc(reinterpret_cast<void**>(&flag), sizeof(*flag), cudaHostAllocMapped));
  const std::unique_ptr<std::uint32_t, cudaError_t (*)(void*)> owner(flag, cudaFreeHost);
  HOPSIM_CHECKED(cudaHostGetDevicePointer(reinterpret_cast<void**>(&mapped), flag, 0));
  *flag = 0;
  std::uint32_t next = 0;
  return host_cost(200, [&] {
    launch_signal(mapped, ++next, stream);
    const auto* seen = static_cast<volatile const std::uint32_t*>(flag);
    const Clock::time_point start = Clock::now();
    while (*seen != next) {
      if (microseconds(start, Clock::now()) > 1e6)
        throw std::runtime_error("the GPU's write was not seen in a second");
    }
  });
}

LaunchCost read_back(cudaStream_t stream, bool pinned) {
  const DeviceBuffer source(256);
  std::uint32_t pageable = 0;
  std::uint32_t* target = &pageable;
  std::unique_ptr<std::uint32_t, cudaError_t (*)(void*)> owner(nullptr, cudaFreeHost);
  if (pinned) {
    HOPSIM_CHECKED(cudaMallocHost(reinterpret_cast<void**>(&target), sizeof(*target)));
    owner.reset(target);
  }
  return host_cost(200, [&] {
    HOPSIM_CHECKED(
        cudaMemcpyAsync(target, source.at<void>(), sizeof(*target), cudaMemcpyDeviceToHost, stream));
    HOPSIM_CHECKED(cudaStreamSynchronize(stream));
  });
}

LaunchCost event_pair(cudaStream_t stream) {
  EventPair events;
  std::vector<double> times;
  for (int i = -10; i < 200; ++i) {
    HOPSIM_CHECKED(cudaStreamSynchronize(stream));
    spin_us(50);
    const double seconds = events.seconds(stream, [&] { launch_empty(stream); });
    if (i >= 0) times.push_back(1e6 * seconds);
  }
  const Summary summary = summarize(times);
  return {std::nullopt, summary.median, summary};
}

LaunchCost graph(const Item& item, cudaStream_t stream) {
  const auto node = [&](std::int64_t) { launch_empty(stream); };
  if (item.kernel == "graph_instantiate") return host_cost(10, [&] { LaunchGraph(stream, node, item.m); });
  const LaunchGraph nodes(stream, node, item.m);
  nodes.replay();
  LaunchCost cost = host_cost(100, [&] {
    nodes.replay();
    if (item.kernel == "graph_launch_and_sync") HOPSIM_CHECKED(cudaStreamSynchronize(stream));
  });
  constexpr int kReplays = 10;
  std::vector<double> device;
  EventPair events;
  for (int repeat = 0; repeat < 15; ++repeat) {
    const double seconds = events.seconds(stream, [&] {
      for (int i = 0; i < kReplays; ++i) nodes.replay();
    });
    device.push_back(1e6 * seconds / static_cast<double>(kReplays * item.m));
  }
  cost.device_us = summarize(device).median;
  return cost;
}

}  // namespace

LaunchCost measure_launch(const Item& item, cudaStream_t stream) {
  const std::string& name = item.kernel;
  if (name == "empty_stream") return back_to_back(item.m, stream, [&] { launch_empty(stream); });
  if (name == "empty_stream_256b") return back_to_back(item.m, stream, [&] { launch_empty_256b(stream); });
  if (name == "launch_seen_by_host") return seen_by_host(stream);
  if (name == "read_back_4b_pageable") return read_back(stream, false);
  if (name == "read_back_4b_pinned") return read_back(stream, true);
  if (name == "event_pair") return event_pair(stream);
  if (name == "idle_stream_sync")
    return host_cost(200, [&] { HOPSIM_CHECKED(cudaStreamSynchronize(stream)); });
  if (name == "idle_device_sync") return host_cost(200, [&] { HOPSIM_CHECKED(cudaDeviceSynchronize()); });
  if (name == "launch_and_stream_sync") {
    return host_cost(200, [&] {
      launch_empty(stream);
      HOPSIM_CHECKED(cudaStreamSynchronize(stream));
    });
  }
  if (name == "launch_and_event_sync") {
    cudaEvent_t event = nullptr;
    HOPSIM_CHECKED(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    const std::unique_ptr<CUevent_st, cudaError_t (*)(cudaEvent_t)> owner(event, cudaEventDestroy);
    return host_cost(200, [&] {
      launch_empty(stream);
      HOPSIM_CHECKED(cudaEventRecord(event, stream));
      HOPSIM_CHECKED(cudaEventSynchronize(event));
    });
  }
  return graph(item, stream);
}

}  // namespace hopsim::microbench
