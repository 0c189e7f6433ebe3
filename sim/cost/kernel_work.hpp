// SPDX-License-Identifier: Apache-2.0
// What one kernel does, and the GPU that it does it on, as model forms see them. Plain numbers in base units.
// Sizes that do not apply are 0: a linear layer has n and k, a decode attention has kv_len; everything else
// is known by its totals alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/gpu.hpp"

namespace hopsim::cost {

struct KernelWork {
  double bytes = 0;     // through device memory
  double flops = 0;     // on tensor cores
  double elements = 0;  // converted by ALUs
  double m = 1;         // rows: tokens in this step; attention: sequences
  // Linear layers: C[m, n] = A[m, k] B[k, n]. The three parts of `bytes`.
  double n = 0, k = 0;
  double weight_bytes = 0, input_bytes = 0, output_bytes = 0;
  double warm = 0;         // 1: the weights lie in L2 (a benchmark that repeats one layer)
  double copies = 0;       // of the weights (or KV caches) that a benchmark takes in turn; 0: a model, whose
                           // other layers evict them from L2 between two uses
  double quantises = 0;    // 1: 16-bit inputs are quantised inside the measured time
  double dequantises = 0;  // 1: weights are widened to the inputs' format inside the kernel
  bool input_quantised = false;  // a kernel of its own did that before
  // Decode attention.
  double kv_len = 0, q_heads = 0, kv_heads = 0, head_dim = 0, kv_element_bytes = 0;
  double group = 0;      // query heads a KV head
  double sequences = 0;  // of KV heads: batch * kv_heads
  // Collectives: GPUs that take part, bytes of the result, 1 where it is put together and not summed.
  double ranks = 0, message_bytes = 0, gathers = 0;
};

struct Machine {
  double bytes_per_s = 0;
  double flops_per_s = 0;  // dense peak of the family's format
  double sms = 0;
  double clock_hz = 0;
  double l2_bytes = 0;
  double nvlink_bytes_per_s = 0, pcie_bytes_per_s = 0;  // each way, one GPU
};

/// `tensor_peak` may be empty: no flops then.
[[nodiscard]] Machine machine_of(const spec::GpuSpec& gpu, const std::string& tensor_peak);

/// The work of a linear layer at one number format.
[[nodiscard]] KernelWork linear_work(const spec::LinearFormat& format, double m, double n, double k);

/// The work of one decode step's attention over a KV cache of kv_len tokens a sequence.
[[nodiscard]] KernelWork attention_work(double batch, double kv_len, double q_heads, double kv_heads,
                                        double head_dim, double kv_element_bytes);

/// Sizes by the names that corrections and ranges use; nothing for other names.
using Size = double KernelWork::*;
[[nodiscard]] std::optional<Size> size_named(std::string_view name);
[[nodiscard]] std::vector<std::string> size_names();

}  // namespace hopsim::cost
