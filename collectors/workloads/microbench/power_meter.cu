// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "microbench/power_meter.hpp"
#include "microbench/timing.hpp"

namespace hopsim::microbench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double kSettle = 1.0;

double now_s() { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); }
std::int64_t ns_of(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }
std::int64_t now_ns() { return ns_of(now_s()); }

void sleep_s(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

void spin_s(double seconds) {
  for (const double start = now_s(); now_s() - start < seconds;) {
  }
}

// At most two chunks of work in flight: the GPU never waits for the host, and a window ends soon.
class Pipeline {
 public:
  explicit Pipeline(cudaStream_t stream) : stream_(stream) {
    for (cudaEvent_t& event : done_) {
      HOPSIM_CHECKED(cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync));
    }
  }
  ~Pipeline() {
    cudaStreamSynchronize(stream_);
    for (const cudaEvent_t event : done_) cudaEventDestroy(event);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  template <class Work>
  void submit(const Work& work) {
    const cudaEvent_t event = done_[submitted_++ % done_.size()];
    HOPSIM_CHECKED(cudaEventSynchronize(event));  // returns at once for an event that was never recorded
    work();
    HOPSIM_CHECKED(cudaEventRecord(event, stream_));
  }

 private:
  cudaStream_t stream_;
  std::array<cudaEvent_t, 2> done_{};
  std::size_t submitted_ = 0;
};

// What is launched over and over: `run` submits `launches` of them.
struct Chunk {
  std::function<void()> run;
  std::int64_t launches = 1;
};

Chunk graph_chunk(cudaStream_t stream, const std::vector<Operation>& operations) {
  constexpr double kChunkSeconds = 0.02;
  const auto round = [&](std::int64_t i) {
    for (const Operation& operation : operations) operation.launch(i % operation.slots);
  };
  std::int64_t slots = 1;
  for (const Operation& operation : operations) slots = std::max(slots, operation.slots);
  const auto graph = std::make_shared<LaunchGraph>(stream, round, whole_rounds(slots, 8));
  EventPair events;
  graph->replay();
  const double once = events.seconds(stream, [&] { graph->replay(); });
  const auto replays = std::max<std::int64_t>(1, static_cast<std::int64_t>(kChunkSeconds / once));
  return {[graph, replays] {
            for (std::int64_t i = 0; i < replays; ++i) graph->replay();
          },
          replays * graph->launches()};
}

Chunk eager_chunk(const Operation& operation, double pause_s) {
  constexpr std::int64_t kLaunches = 1000;
  return {[operation, pause_s] {
            for (std::int64_t i = 0; i < kLaunches; ++i) {
              operation.launch(i % operation.slots);
              if (pause_s > 0) spin_s(pause_s);
            }
          },
          kLaunches};
}

}  // namespace

// Reads the counter every millisecond, from its making to its end.
struct PowerMeter::Watch {
  std::vector<collect::EnergyReading> readings;
  bool lost = false;  // the counter could be read no more
  std::atomic<bool> stop{false};
  std::thread thread;

  Watch(const collect::Nvml& nvml, const collect::NvmlDevice& device) {
    thread = std::thread([this, &nvml, &device] {
      for (; !stop && !lost; sleep_s(0.001)) {
        if (const auto energy_mj = nvml.energy_mj(device)) {
          readings.push_back({now_ns(), *energy_mj});
        } else {
          lost = true;
        }
      }
    });
  }
  ~Watch() { finish(); }
  void finish() {
    stop = true;
    if (thread.joinable()) thread.join();
  }
};

PowerWindow PowerMeter::window(const Watch& watch, double from_s, double to_s) const {
  if (watch.lost) throw std::runtime_error("NVML gives no energy of this GPU");
  const auto power =
      collect::power_within(collect::energy_updates(watch.readings), ns_of(from_s), ns_of(to_s));
  if (!power) throw std::runtime_error("the energy counter did not move");
  PowerWindow result;
  result.power_w = power->power_w;
  result.window_s = power->window_s;
  return result;
}

PowerWindow PowerMeter::idle() const {
  Watch watch(nvml_, device_);
  const double start = now_s();
  sleep_s(window_s_);
  const collect::NvmlReading state = nvml_.read(device_);
  watch.finish();
  PowerWindow result = window(watch, start, now_s());
  result.state = state;
  return result;
}

PowerWindow PowerMeter::loaded(Workbench& bench, const PowerClass& load) const {
  std::vector<Operation> operations;
  double bytes = 0, flops = 0;
  for (const Item& item : load.items) {
    std::string why;
    auto operation = bench.prepare(item, why);
    if (!operation) throw Unsupported(why);
    operation->launch(0);
    bytes += static_cast<double>(operation->bytes_read + operation->bytes_written);
    flops += operation->flops;
    operations.push_back(std::move(*operation));
  }
  std::string why;
  static_cast<void>(bench.prepare(load.items.front(), why));  // of a mix the first one's contents count
  HOPSIM_CHECKED(cudaStreamSynchronize(bench.stream()));
  const bool graphs = load.load == Load::kGraph || load.load == Load::kMix;
  const Chunk chunk = graphs ? graph_chunk(bench.stream(), operations)
                             : eager_chunk(operations.front(), load.load == Load::kSpaced ? 20e-6 : 0);
  Pipeline pipeline(bench.stream());
  Watch watch(nvml_, device_);
  const double start = now_s();
  std::int64_t chunks = 0;
  double counted_from = 0, counted_to = 0;
  while (counted_to < start + kSettle + window_s_) {
    pipeline.submit(chunk.run);
    counted_to = now_s();
    if (counted_to < start + kSettle) continue;
    if (counted_from == 0) {
      counted_from = counted_to;
    } else {
      ++chunks;
    }
  }
  const collect::NvmlReading state = nvml_.read(device_);
  watch.finish();
  PowerWindow result = window(watch, start + kSettle, counted_to);
  result.seconds_per_launch = (counted_to - counted_from) / static_cast<double>(chunks * chunk.launches);
  result.bytes = bytes;
  result.flops = flops;
  result.state = state;
  return result;
}

std::optional<double> PowerMeter::counter_step_ms() const {
  Watch watch(nvml_, device_);
  sleep_s(1.0);
  watch.finish();
  return collect::counter_step_ms(watch.readings);
}

}  // namespace hopsim::microbench
