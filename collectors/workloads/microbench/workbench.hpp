// SPDX-License-Identifier: Apache-2.0
// Device memory with random contents, and each row of the plan made ready to launch. Operands rotate through
// `slots` places of one arena, which together exceed twice the L2 cache, so that they come from HBM as
// weights do; a slot is used again only after all others. Activations stay in place, as in decode, where the
// kernel before has just written them. The output is one place: an allocator hands the same block out again
// and again.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "microbench/device.hpp"
#include "microbench/kernels.hpp"
#include "microbench/plan.hpp"
#include "microbench/products.hpp"

namespace hopsim::microbench {

struct Operation {
  std::function<void(std::int64_t slot)> launch;
  std::int64_t slots = 1;
  std::int64_t bytes_read = 0, bytes_written = 0;
  double flops = 0;
  std::string algorithm;
};

class Workbench {
 public:
  explicit Workbench(const Gpu& gpu);
  ~Workbench();
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  /// None where the GPU or its memory cannot do it; `why` then says so.
  [[nodiscard]] std::optional<Operation> prepare(const Item& item, std::string& why);
  [[nodiscard]] cudaStream_t stream() const { return stream_; }
  [[nodiscard]] const Gpu& gpu() const { return gpu_; }

 private:
  [[nodiscard]] std::optional<Operation> product(const Item& item, std::string& why);
  [[nodiscard]] std::optional<Operation> gemv(const Item& item, std::string& why);
  [[nodiscard]] std::optional<Operation> dequant(const Item& item, std::string& why);
  [[nodiscard]] std::optional<Operation> rows(const Item& item, std::string& why);
  [[nodiscard]] std::optional<Operation> traffic(const Item& item, std::string& why);
  void fill(Fill contents);
  [[nodiscard]] std::int64_t slots_for(std::int64_t slot_bytes, const Item& item) const;

  Gpu gpu_;
  cudaStream_t stream_ = nullptr;
  std::optional<DeviceBuffer> arena_, scales_, activations_, output_;
  std::optional<Products> products_;
  std::optional<Fill> filled_;
};

}  // namespace hopsim::microbench
