// SPDX-License-Identifier: Apache-2.0
#include "microbench/power_classes.hpp"

#include "microbench/csv_file.hpp"
#include "nvml/energy.hpp"

namespace hopsim::microbench {

namespace {

Item product(const char* kernel, const char* dtype, std::int64_t m) {
  const Group group = dtype == std::string("nf4") ? Group::kGemv : Group::kGemm;
  return {group, 0, kernel, dtype, m, 28672, 4096, "hbm", "llama-3.1-8b:gate_up"};
}

Item small(const char* kernel, std::int64_t rows, std::int64_t columns, const char* residency) {
  return {Group::kSmall, 0, kernel, "bfloat16", rows, columns, 0, residency, ""};
}

constexpr std::int64_t kDequant = std::int64_t{14336} * 4096, kGiB = std::int64_t{1} << 30;

// One round of the mix runs each of these classes once.
const std::vector<std::string>& mix_parts() {
  static const std::vector<std::string> parts = {"gemv_bf16_m1", "dequant_nf4", "gemm_bf16_m256", "add_hbm"};
  return parts;
}

template <class Integer>
std::string state_cell(const std::optional<Integer>& value) {
  return value ? cell(static_cast<double>(*value)) : "";
}

struct Average {
  collect::Mean power_w;
  double seconds_per_launch = 0, window_s = 0;
};

Average average(const std::vector<PowerWindow>& windows) {
  std::vector<double> power, seconds, length;
  for (const PowerWindow& window : windows) {
    power.push_back(window.power_w);
    seconds.push_back(window.seconds_per_launch);
    length.push_back(window.window_s);
  }
  return {collect::mean_of(power), collect::mean_of(seconds).value, collect::mean_of(length).value};
}

std::optional<double> mix_closure(const std::map<std::string, std::vector<PowerWindow>>& windows,
                                  double measured_j) {
  double predicted_j = 0;
  for (const std::string& part : mix_parts()) {
    const auto found = windows.find(part);
    if (found == windows.end()) return std::nullopt;
    const Average mean = average(found->second);
    predicted_j += mean.power_w.value * mean.seconds_per_launch;
  }
  return predicted_j / measured_j - 1;
}

}  // namespace

std::vector<PowerClass> power_classes() {
  const Item gemv = product("cublas", "bfloat16", 1), gemm = product("cublaslt", "bfloat16", 256);
  const Item dequant = small("dequant_nf4", 1, kDequant, "hbm"), add = small("add", 16384, 8192, "hbm");
  const Item tiny = small("add", 1, 4096, "l2");
  std::vector<PowerClass> classes = {
      {"idle", Load::kIdle, {}},
      {"loaded_idle", Load::kLoadedIdle, {}},
      {"gemv_bf16_m1", Load::kGraph, {gemv}},
      {"active_idle", Load::kActiveIdle, {}},
      {"small_spaced_20us", Load::kSpaced, {tiny}},
      {"dequant_nf4", Load::kGraph, {dequant}},
      {"gemm_bf16_m256", Load::kGraph, {gemm}},
      {"small_eager", Load::kEager, {tiny}},
      {"own_nf4_gemv_m1", Load::kGraph, {product("own_nf4_gemv", "nf4", 1)}},
      {"add_hbm", Load::kGraph, {add}},
      {"mix", Load::kMix, {gemv, dequant, gemm, add}},
      {"read_hbm", Load::kGraph, {small("read", 1, kGiB, "hbm")}},
      {"gemm_fp8_m256", Load::kGraph, {product("cublaslt", "fp8", 256)}},
      {"gemm_bf16_m32", Load::kGraph, {product("cublaslt", "bfloat16", 32)}},
      {"gemm_int8_m32", Load::kGraph, {product("cublaslt", "int8", 32)}},
      {"dequant_int8", Load::kGraph, {small("dequant_int8", 1, kDequant, "hbm")}},
      {"small_graph", Load::kGraph, {tiny}},
      {"rmsnorm_hbm", Load::kGraph, {small("rmsnorm", 16384, 8192, "hbm")}},
      {"copy_hbm", Load::kGraph, {small("copy", 1, kGiB, "hbm")}},
      {"write_hbm", Load::kGraph, {small("write", 1, kGiB, "hbm")}},
      {"gemm_bf16_m4096", Load::kGraph, {product("cublaslt", "bfloat16", 4096)}},
      {"gemm_fp8_m4096", Load::kGraph, {product("cublaslt", "fp8", 4096)}},
  };
  return classes;
}

std::string power_table(const std::map<std::string, std::vector<PowerWindow>>& windows) {
  std::string text = std::string(kPowerHeader) + "\n";
  for (const PowerClass& load : power_classes()) {
    const auto found = windows.find(load.name);
    if (found == windows.end()) continue;
    const Average mean = average(found->second);
    const PowerWindow& last = found->second.back();
    std::optional<double> energy_j, us, closure;
    if (mean.seconds_per_launch > 0) {
      energy_j = mean.power_w.value * mean.seconds_per_launch;
      us = 1e6 * mean.seconds_per_launch;
    }
    if (load.load == Load::kMix && energy_j) closure = mix_closure(windows, *energy_j);
    text += joined({cell(load.name), cell(mean.power_w.value), cell(mean.power_w.ci95), cell(energy_j),
                    cell(mean.window_s), cell(static_cast<std::int64_t>(found->second.size())),
                    cell(last.bytes), cell(last.flops), cell(closure), cell(us),
                    state_cell(last.state.sm_mhz), state_cell(last.state.memory_mhz),
                    state_cell(last.state.temperature_c), state_cell(last.state.throttle_reasons)}) +
            "\n";
  }
  return text;
}

}  // namespace hopsim::microbench
