// SPDX-License-Identifier: Apache-2.0
#include "cost/kernel_work.hpp"

#include <array>
#include <utility>

namespace hopsim::cost {

Machine machine_of(const spec::GpuSpec& gpu, const std::string& tensor_peak) {
  const auto peak = gpu.peak_tflops.find(tensor_peak);
  Machine out;
  out.bytes_per_s = gpu.hbm_gb_s * 1e9;
  out.flops_per_s = peak == gpu.peak_tflops.end() ? 0 : peak->second * 1e12;
  out.sms = gpu.sms;
  out.clock_hz = gpu.boost_mhz * 1e6;
  out.l2_bytes = gpu.l2_mb * 1e6;
  out.nvlink_bytes_per_s = gpu.nvlink_gb_s * 1e9 / 2;
  out.pcie_bytes_per_s = gpu.pcie_gb_s * 1e9;
  return out;
}

KernelWork linear_work(const spec::LinearFormat& format, double m, double n, double k) {
  KernelWork out;
  out.m = m;
  out.n = n;
  out.k = k;
  const double groups = format.scale_group > 0 ? k / format.scale_group : 1;
  out.weight_bytes = format.weight_bytes * n * k + format.scale_bytes * n * groups;
  out.input_bytes = format.input_bytes * m * k;
  out.output_bytes = format.output_bytes * m * n;
  out.bytes = out.weight_bytes + out.input_bytes + out.output_bytes;
  out.flops = 2 * m * n * k;
  out.quantises = format.quantises_input ? 1 : 0;
  out.dequantises = format.weight_bytes < format.input_bytes ? 1 : 0;
  return out;
}

KernelWork attention_work(double batch, double kv_len, double q_heads, double kv_heads, double head_dim,
                          double kv_element_bytes) {
  constexpr double kBytes16 = 2;
  KernelWork out;
  out.m = batch;
  out.group = q_heads / kv_heads;
  out.sequences = batch * kv_heads;
  out.kv_len = kv_len;
  out.q_heads = q_heads;
  out.kv_heads = kv_heads;
  out.head_dim = head_dim;
  out.kv_element_bytes = kv_element_bytes;
  out.bytes = 2 * kv_element_bytes * batch * kv_len * kv_heads * head_dim +  // keys and values
              2 * kBytes16 * batch * q_heads * head_dim;                     // queries and outputs
  out.flops = 4 * batch * kv_len * q_heads * head_dim;
  return out;
}

namespace {

constexpr std::array<std::pair<std::string_view, Size>, 10> kSizes = {
    {{"m", &KernelWork::m},
     {"n", &KernelWork::n},
     {"k", &KernelWork::k},
     {"batch", &KernelWork::m},
     {"kv_len", &KernelWork::kv_len},
     {"q_heads", &KernelWork::q_heads},
     {"kv_heads", &KernelWork::kv_heads},
     {"head_dim", &KernelWork::head_dim},
     {"group", &KernelWork::group},
     {"sequences", &KernelWork::sequences}}};

}  // namespace

std::optional<Size> size_named(std::string_view name) {
  for (const auto& [known, size] : kSizes) {
    if (known == name) {
      return size;
    }
  }
  return std::nullopt;
}

std::vector<std::string> size_names() {
  std::vector<std::string> out;
  for (const auto& [known, size] : kSizes) {
    out.emplace_back(known);
  }
  return out;
}

}  // namespace hopsim::cost
