// SPDX-License-Identifier: Apache-2.0
#include "collect/energy_run.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "collect/program.hpp"
#include "nvml/energy.hpp"
#include "nvml/sampler.hpp"

namespace hopsim::collect {

namespace {

constexpr int kStepsWatched = 8;
constexpr auto kLongestWatch = std::chrono::milliseconds(3000);
constexpr std::int64_t kNsPerS = 1'000'000'000;

struct Span {
  std::int64_t start_ns = 0, end_ns = 0;
  int runs = 0;
};

std::string number(double value) {
  std::array<char, 32> text{};
  const int n = std::snprintf(text.data(), text.size(), "%.6g", value);
  return {text.data(), static_cast<std::size_t>(n)};
}

std::vector<std::size_t> chosen_devices(const Nvml& nvml, const std::vector<Uuid>& used) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < nvml.devices().size(); ++i) {
    if (used.empty() || std::find(used.begin(), used.end(), nvml.devices()[i].uuid) != used.end()) {
      out.push_back(i);
    }
  }
  return out;
}

void write_devices(const Nvml& nvml, const std::vector<std::size_t>& devices, SpoolWriter& spool) {
  for (const std::size_t i : devices) {
    spool::Device record;
    record.id = static_cast<std::uint32_t>(i);
    record.name = spool.name(nvml.devices()[i].name);
    record.uuid = nvml.devices()[i].uuid;
    spool.append(spool::ChunkKind::kDevices, record);
  }
}

// One window: the program again and again. Its start is aligned to an update of the counter.
Span run_window(const Options& options, const Nvml& nvml, std::size_t device, EnergyResult& result) {
  static_cast<void>(watch_counter(nvml, nvml.devices()[device], 1, kLongestWatch));
  Span out;
  out.start_ns = realtime_now_ns();
  const auto full = static_cast<std::int64_t>(options.window_s * static_cast<double>(kNsPerS));
  do {
    const ProgramRun run = run_program(options.program, {}, true);
    if (!run.error.empty() || run.status != 0) {
      result.error = "the program ended with status " + std::to_string(run.status) + " without CUPTI";
      return out;
    }
    ++out.runs;
    out.end_ns = realtime_now_ns();
  } while (out.end_ns - out.start_ns < full);
  return out;
}

// Energy of all devices in each window.
void evaluate(const std::vector<std::vector<EnergyReading>>& readings, const std::vector<Span>& spans,
              EnergyResult& result) {
  std::vector<std::vector<EnergyUpdate>> updates;
  for (const std::vector<EnergyReading>& device : readings) {
    updates.push_back(energy_updates(device));
  }
  double wall = 0;
  int runs = 0;
  for (const Span& span : spans) {
    EnergyWindow window{static_cast<double>(span.end_ns - span.start_ns) / static_cast<double>(kNsPerS), 0,
                        span.runs};
    wall += window.seconds;
    runs += window.runs;
    bool whole = true;
    for (const std::vector<EnergyUpdate>& device : updates) {
      const std::optional<double> joules = energy_between(device, span.start_ns, span.end_ns);
      whole = whole && joules.has_value();
      window.joules += joules.value_or(0);
    }
    if (whole) {
      result.windows.push_back(window);
    } else {
      ++result.lost_windows;
    }
  }
  result.wall_s = runs > 0 ? wall / runs : 0;
}

}  // namespace

EnergyResult measure_energy(const Options& options, const std::vector<Uuid>& used, SpoolWriter& spool) {
  EnergyResult out;
  const std::unique_ptr<Nvml> nvml = Nvml::open(out.error);
  if (nvml == nullptr) {
    return out;
  }
  const std::vector<std::size_t> devices = chosen_devices(*nvml, used);
  if (devices.empty()) {
    out.error = "NVML knows none of the GPUs that the program used";
    return out;
  }
  write_devices(*nvml, devices, spool);
  Sampler sampler(*nvml, devices, spool);
  for (const std::size_t i : devices) {
    const NvmlDevice& device = nvml->devices()[i];
    const std::optional<double> step =
        counter_step_ms(watch_counter(*nvml, device, kStepsWatched, kLongestWatch));
    if (!step) {
      out.error = "the energy counter of " + device.name + " can't be read or stands still";
      return out;
    }
    out.counter_step_ms = std::max(out.counter_step_ms, *step);
    out.gpus.push_back(device.uuid_text);
  }
  std::vector<Span> spans;
  for (int i = 0; i < options.windows && out.error.empty(); ++i) {
    spans.push_back(run_window(options, *nvml, devices.front(), out));
  }
  for (const std::size_t i :
       devices) {  // so that the counters' updates reach over the end of the last window
    static_cast<void>(watch_counter(*nvml, nvml->devices()[i], 2, kLongestWatch));
  }
  if (out.error.empty()) {
    evaluate(sampler.stop(), spans, out);
  }
  if (out.error.empty() && out.windows.size() < 2) {
    out.error = "the energy counter started again or stood still during the windows";
  }
  return out;
}

void write_energy(const EnergyResult& result, double traced_wall_s, SpoolWriter& spool) {
  std::vector<double> joules_per_run, watts, seconds;
  std::string gpus, each;
  int runs = 0;
  for (const EnergyWindow& w : result.windows) {
    joules_per_run.push_back(w.joules / w.runs);
    watts.push_back(w.joules / w.seconds);
    seconds.push_back(w.seconds);
    runs += w.runs;
    each += (each.empty() ? "" : " ") + number(w.joules);
  }
  for (const std::string& gpu : result.gpus) {
    gpus += (gpus.empty() ? "" : " ") + gpu;
  }
  const auto write_mean = [&](const std::string& key, const std::vector<double>& values) {
    const Mean mean = mean_of(values);
    spool.attribute(key, number(mean.value));
    if (mean.ci95) {
      spool.attribute(key + "_ci95", number(*mean.ci95));
    }
  };
  spool.attribute("energy_method", "nvml energy counter over windows without CUPTI");
  spool.attribute("energy_gpus", gpus);
  spool.attribute("energy_counter_step_ms", number(result.counter_step_ms));
  spool.attribute("energy_windows", std::to_string(result.windows.size()));
  spool.attribute("energy_windows_lost", std::to_string(result.lost_windows));
  spool.attribute("energy_window_s", number(mean_of(seconds).value));
  spool.attribute("energy_windows_j", each);
  spool.attribute("energy_runs", std::to_string(runs));
  write_mean("energy_j_per_run", joules_per_run);
  write_mean("energy_power_w", watts);
  spool.attribute("wall_s_traced", number(traced_wall_s));
  spool.attribute("wall_s_untraced", number(result.wall_s));
  spool.attribute("cupti_dilation", number(result.wall_s > 0 ? traced_wall_s / result.wall_s : 0));
}

}  // namespace hopsim::collect
