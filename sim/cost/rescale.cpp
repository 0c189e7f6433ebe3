// SPDX-License-Identifier: Apache-2.0
#include "cost/rescale.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "cost/kernel_cost.hpp"

namespace hopsim::cost {

namespace {

auto small_family(const spec::GpuSpec& gpu) -> const spec::KernelFamily& {
  const auto found = gpu.families.find("elementwise");
  if (found == gpu.families.end()) {
    throw InputError(Location{}, "GPU '" + gpu.name + "' has no kernel family 'elementwise'",
                     "needed to rescale a capture");
  }
  if (found->second.form != "stream") {
    throw InputError(found->second.at, "kernel family 'elementwise' must have the form 'stream'",
                     "needed to rescale a capture");
  }
  static_cast<void>(forms::parameters_of(found->second, forms::form_of(found->second)));
  return found->second;
}

// The family of a product's format, and bytes of an input element.
struct Format {
  const char* family;
  double bytes;
};

auto format_of(const std::string& dtype) -> std::optional<Format> {
  if (dtype == "bfloat16" || dtype == "float16" || dtype == "half") {
    return Format{"gemm_bf16", 2};
  }
  if (dtype.starts_with("float8")) {
    return Format{"gemm_fp8", 1};
  }
  if (dtype == "int8") {
    return Format{"gemm_int8", 1};
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(RescaleRule rule) {
  constexpr std::string_view kNames[] = {"matrix_product", "host_copy", "collective", "bandwidth"};
  return kNames[static_cast<std::size_t>(rule)];
}

Rescaler::Rescaler(const spec::GpuSpec& from, const spec::GpuSpec& to)
    : from_(from), to_(to), small_from_(small_family(from)), small_to_(small_family(to)) {}

std::optional<double> Rescaler::product_ratio(const CapturedOperation::MatrixProduct& p) const {
  const std::optional<Format> format = format_of(p.dtype);
  if (!format || p.m <= 0 || p.n <= 0 || p.k <= 0) {
    return std::nullopt;
  }
  const auto from = from_.families.find(format->family);
  const auto to = to_.families.find(format->family);
  if (from == from_.families.end() || to == to_.families.end()) {
    return std::nullopt;
  }
  constexpr double kOutputBytes = 2;
  KernelWork work;
  work.bytes = p.batch * (format->bytes * (p.m * p.k + p.n * p.k) + kOutputBytes * p.m * p.n);
  work.flops = 2 * p.batch * p.m * p.n * p.k;
  work.m = p.m;
  if (p.batch == 1) {
    work.n = p.n;
    work.k = p.k;
  }
  return KernelTimer(to->second, to_).seconds(work) / KernelTimer(from->second, from_).seconds(work);
}

Rescaled Rescaler::operator()(const CapturedOperation& operation) const {
  if (operation.product) {
    if (const std::optional<double> ratio = product_ratio(*operation.product)) {
      return {operation.seconds * *ratio, RescaleRule::kMatrixProduct};
    }
  }
  if (operation.host_copy) {
    return {operation.seconds * from_.pcie_gb_s / to_.pcie_gb_s, RescaleRule::kHostCopy};
  }
  if (operation.cls == KernelClass::kCollective) {
    const bool nvlink = from_.nvlink_gb_s > 0 && to_.nvlink_gb_s > 0;
    const double ratio = nvlink ? from_.nvlink_gb_s / to_.nvlink_gb_s : from_.pcie_gb_s / to_.pcie_gb_s;
    return {operation.seconds * ratio, RescaleRule::kCollective};
  }
  const double fixed_from = small_from_.parameter("t0_us") * 1e-6;
  const double fixed_to = small_to_.parameter("t0_us") * 1e-6;
  const double bandwidth = (from_.hbm_gb_s * small_from_.parameter("bw_efficiency")) /
                           (to_.hbm_gb_s * small_to_.parameter("bw_efficiency"));
  const double moving = operation.seconds - fixed_from;
  // A kernel shorter than the family's fixed time is all overhead.
  const double seconds = moving > 0       ? fixed_to + moving * bandwidth
                         : fixed_from > 0 ? operation.seconds * fixed_to / fixed_from
                                          : operation.seconds;
  return {seconds, RescaleRule::kBandwidth};
}

}  // namespace hopsim::cost
