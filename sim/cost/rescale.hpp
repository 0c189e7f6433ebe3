// SPDX-License-Identifier: Apache-2.0
// A captured operation's duration on another GPU. A capture seldom says how many bytes a kernel moves, so
// what is known decides how it is carried over:
//   matrix product with recorded sizes   measured time x ratio of the predictions of its kernel family on
//   both GPUs copy between host and device         x ratio of the PCIe bandwidths collective x ratio of the
//   NVLink bandwidths, PCIe where one GPU has no NVLink everything else                      what exceeds a
//   small kernel's fixed time x ratio of reachable bandwidths, plus
//                                        the other GPU's fixed time
// The last rule takes compute-bound kernels without sizes for memory-bound ones: an assumption, counted by
// the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/kernel_class.hpp"
#include "spec/gpu.hpp"

namespace hopsim::cost {

enum class RescaleRule { kMatrixProduct, kHostCopy, kCollective, kBandwidth };
inline constexpr std::size_t kRescaleRuleCount = 4;
/// "matrix_product", "host_copy", "collective", "bandwidth"
[[nodiscard]] std::string_view to_text(RescaleRule rule);

/// What a capture says of one operation.
struct CapturedOperation {
  KernelClass cls = KernelClass::kOther;
  double seconds = 0;
  bool host_copy = false;  // between host and device
  struct MatrixProduct {
    double batch = 1, m = 1, n = 1, k = 1;
    std::string dtype;  // "bfloat16", "float16", "float8_e4m3fn", "int8", ...
  };
  std::optional<MatrixProduct> product;
};

struct Rescaled {
  double seconds = 0;
  RescaleRule rule = RescaleRule::kBandwidth;
};

class Rescaler {
 public:
  /// Both must have the family `elementwise`; throws InputError otherwise. They must outlive the rescaler.
  Rescaler(const spec::GpuSpec& from, const spec::GpuSpec& to);

  [[nodiscard]] Rescaled operator()(const CapturedOperation& operation) const;

 private:
  [[nodiscard]] std::optional<double> product_ratio(const CapturedOperation::MatrixProduct& product) const;

  const spec::GpuSpec& from_;
  const spec::GpuSpec& to_;
  const spec::KernelFamily& small_from_;
  const spec::KernelFamily& small_to_;
};

}  // namespace hopsim::cost
