// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "microbench/csv_file.hpp"
#include "microbench/launch_cost.hpp"
#include "microbench/power_meter.hpp"
#include "microbench/self_check.hpp"
#include "microbench/session.hpp"
#include "microbench/timing.hpp"

namespace hopsim::microbench {

namespace {

constexpr const char* kFramework = "microbench";
constexpr const char* kVersion = "1";

class Session {
 public:
  explicit Session(const Options& options) : options_(options), start_(std::chrono::steady_clock::now()) {
    std::filesystem::create_directories(options.out);
    if (const std::string why = open_nvml(options.window_s); !why.empty() && measures("power")) {
      note("power", why);
    }
    if (measures("power")) measure_idle();
    gpu_ = describe_gpu();
    bench_ = std::make_unique<Workbench>(gpu_);
    write_meta();
    check();
  }

  void measure_rows() {
    const std::string folder = options_.out + "/";
    const bool products = measures("gemm") || measures("gemv");
    if (products) {
      kernels_.emplace(
          folder + "kernels.csv",
          "framework,version,kernel,dtype,m,n,k,latency_us,spread,repeats,launches,slots,bytes_read,"
          "bytes_written,algorithm,uses");
    }
    if (measures("small")) {
      small_.emplace(
          folder + "small_kernels.csv",
          "framework,version,kernel,family,dtype,elements,rows,columns,bytes_read,bytes_written,residency,"
          "latency_us,spread,repeats,launches");
    }
    if (measures("launch")) {
      launch_.emplace(folder + "launch.csv", "framework,version,name,count,host_us,device_us,spread,repeats");
    }
    if (products || small_) warm_up();
    for (const Item& item : all_items()) {
      if (!measures(group_name(item.group)) || wrong_.count(checked_name(item)) != 0) continue;
      if (elapsed() + estimated_seconds(item, gpu_.hbm_bytes_per_s) > options_.budget_s) {
        ++left_out_;
        continue;
      }
      attempt(item);
    }
    std::fprintf(stderr,
                 "microbench: %d rows in %.0f s, %d failed, %d not possible here, %d left out (time)\n",
                 rows_, elapsed(), failed_, unsupported_, left_out_);
  }

  void measure_power() {
    if (!measures("power") || !meter_) return;
    for (bool first_round = true;; first_round = false) {
      const std::size_t before = power_windows_;
      for (const PowerClass& load : power_classes()) {
        if (load.load == Load::kIdle || failed_classes_.count(load.name) != 0) continue;
        if (load.load == Load::kLoadedIdle && !first_round) continue;  // clocks stay up after a load
        if (elapsed() + options_.window_s + 2 > options_.budget_s) return;
        measure_class(load);
      }
      if (power_windows_ == before) return;
    }
  }

  [[nodiscard]] int exit_code() const { return failed_ > 0 ? 1 : 0; }

 private:
  // Says why there is no power meter; empty where there is one.
  std::string open_nvml(double window_s) {
    std::string why;
    nvml_ = collect::Nvml::open(why);
    if (!nvml_) return why;
    device_ = nvml_->device_at(first_pci_bus_id());
    if (!device_) return "NVML does not know the GPU";
    if (!nvml_->energy_mj(*device_)) return "NVML gives no energy of this GPU";
    meter_.emplace(*nvml_, *device_, window_s);
    return "";
  }
  [[nodiscard]] bool measures(const std::string& part) const { return options_.parts.count(part) != 0; }
  [[nodiscard]] double elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  static std::string checked_name(const Item& item) {
    return item.group == Group::kGemm ? item.kernel + " " + item.dtype : item.kernel;
  }
  void note(const std::string& what, const std::string& why) {
    ++failed_;
    std::fprintf(stderr, "microbench: %s: %s\n", what.c_str(), why.c_str());
  }

  void measure_idle() {
    if (!meter_) return;
    try {
      windows_["idle"].push_back(meter_->idle());
    } catch (const std::runtime_error& error) {
      windows_.erase("idle");
      note("idle", error.what());
    }
  }

  void write_meta() {
    CsvFile meta(options_.out + "/meta.csv", "key,value");
    const auto row = [&](const char* key, const std::string& value) { meta.row({key, value}); };
    row("gpu", cell(gpu_.name));
    row("compute_capability", std::to_string(gpu_.major) + "." + std::to_string(gpu_.minor));
    row("sms", std::to_string(gpu_.sms));
    row("l2_bytes", cell(gpu_.l2_bytes));
    row("memory_bytes", cell(gpu_.memory_bytes));
    row("memory_bytes_per_s_by_clock", cell(gpu_.hbm_bytes_per_s));
    row("cuda_driver_api", std::to_string(gpu_.driver_api));
    row("cuda_runtime", std::to_string(gpu_.runtime));
    row("cublaslt", cell(Products::lt_version()));
    row("driver", nvml_ ? cell(nvml_->driver_version()) : "unknown");
    std::optional<std::int32_t> limit_mw, sm_mhz;
    if (device_) {
      limit_mw = nvml_->power_limit_mw(*device_);
      sm_mhz = nvml_->read(*device_).sm_mhz;
    }
    row("power_limit_w", limit_mw ? cell(*limit_mw * 1e-3) : "");
    row("sm_mhz_at_start", sm_mhz ? cell(std::int64_t{*sm_mhz}) : "");
    if (measures("power") && meter_) {
      row("energy_counter_step_ms", cell(meter_->counter_step_ms()));
    }
  }

  void check() {
    CsvFile file(options_.out + "/self_check.csv", "kernel,relative_error,ok,note");
    for (const Finding& finding : self_check(bench_->stream())) {
      file.row({cell(finding.kernel), cell(finding.error), finding.ok ? "1" : "0", cell(finding.note)});
      if (finding.ok) continue;
      wrong_.insert(finding.kernel);
      if (!finding.unsupported) ++failed_;
      std::fprintf(stderr, "microbench: %s is not measured: error %.3g %s\n", finding.kernel.c_str(),
                   finding.error, finding.note.c_str());
    }
  }

  // Clocks go up under load; the first rows would be measured below them.
  void warm_up() {
    std::string why;
    const auto operation =
        bench_->prepare({Group::kGemm, 0, "cublas", "bfloat16", 256, 8192, 8192, "hbm", ""}, why);
    if (!operation) return;
    for (const double until = elapsed() + 1; elapsed() < until;) {
      for (std::int64_t i = 0; i < 100; ++i) operation->launch(i % operation->slots);
      HOPSIM_CHECKED(cudaStreamSynchronize(bench_->stream()));
    }
  }

  void attempt(const Item& item) {
    try {
      measure(item);
      ++rows_;
    } catch (const Unsupported&) {
      ++unsupported_;
    } catch (const std::runtime_error& error) {
      note(item.kernel + " " + item.dtype + " m=" + std::to_string(item.m) + " n=" + std::to_string(item.n) +
               " k=" + std::to_string(item.k),
           error.what());
      HOPSIM_CHECKED(cudaDeviceSynchronize());  // a sticky error ends the run here
    }
  }

  void measure(const Item& item) {
    if (item.group == Group::kLaunch) {
      const LaunchCost cost = measure_launch(item, bench_->stream());
      launch_->row({kFramework, kVersion, item.kernel, cell(item.m), cell(cost.host_us), cell(cost.device_us),
                    cell(cost.summary.spread), std::to_string(cost.summary.repeats)});
      return;
    }
    std::string why;
    const auto operation = bench_->prepare(item, why);
    if (!operation) throw Unsupported(why);
    const Timing timing = time_operation(bench_->stream(), *operation);
    const std::string latency = cell(1e6 * timing.seconds.median), spread = cell(timing.seconds.spread),
                      repeats = std::to_string(timing.seconds.repeats), launches = cell(timing.launches),
                      read = cell(operation->bytes_read), written = cell(operation->bytes_written);
    if (item.group == Group::kSmall) {
      const std::string family = item.kernel.substr(0, item.kernel.find('_'));
      small_->row({kFramework, kVersion, item.kernel, family, item.dtype, cell(item.m * item.n), cell(item.m),
                   cell(item.n), read, written, item.residency, latency, spread, repeats, launches});
    } else {
      kernels_->row({kFramework, kVersion, item.kernel, item.dtype, cell(item.m), cell(item.n), cell(item.k),
                     latency, spread, repeats, launches, cell(operation->slots), read, written,
                     operation->algorithm, cell(item.uses)});
    }
  }

  void measure_class(const PowerClass& load) {
    try {
      const bool idle = load.items.empty();
      if (load.load == Load::kLoadedIdle) std::this_thread::sleep_for(std::chrono::seconds(2));
      windows_[load.name].push_back(idle ? meter_->idle() : meter_->loaded(*bench_, load));
      ++power_windows_;
      std::fprintf(stderr, "microbench: power of %s: %.1f W\n", load.name.c_str(),
                   windows_[load.name].back().power_w);
    } catch (const Unsupported&) {
      windows_.erase(load.name);
      failed_classes_.insert(load.name);
    } catch (const std::runtime_error& error) {
      if (windows_[load.name].empty()) windows_.erase(load.name);
      failed_classes_.insert(load.name);
      note(load.name, error.what());
      HOPSIM_CHECKED(cudaDeviceSynchronize());
    }
    write_power();
  }

  void write_power() const {
    const std::string path = options_.out + "/power.csv";
    std::FILE* file = std::fopen((path + ".part").c_str(), "w");
    if (file == nullptr) throw std::runtime_error(path + ": cannot be written");
    const bool written = std::fputs(power_table(windows_).c_str(), file) >= 0;
    if (std::fclose(file) != 0 || !written) throw std::runtime_error(path + ": cannot be written");
    std::filesystem::rename(path + ".part", path);
  }

  Options options_;
  std::chrono::steady_clock::time_point start_;
  std::unique_ptr<collect::Nvml> nvml_;
  std::optional<collect::NvmlDevice> device_;
  std::optional<PowerMeter> meter_;
  Gpu gpu_;
  std::unique_ptr<Workbench> bench_;
  std::optional<CsvFile> kernels_, small_, launch_;
  std::set<std::string> wrong_, failed_classes_;
  std::map<std::string, std::vector<PowerWindow>> windows_;
  std::size_t power_windows_ = 0;
  int rows_ = 0, failed_ = 0, unsupported_ = 0, left_out_ = 0;
};

}  // namespace

int run_session(const Options& options) {
  Session session(options);
  session.measure_rows();
  session.measure_power();
  return session.exit_code();
}

}  // namespace hopsim::microbench
