// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "microbench/workbench.hpp"

namespace hopsim::microbench {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kScaleBytes = 256 * kMiB, kActivationBytes = 64 * kMiB, kOutputBytes = 1024 * kMiB;
constexpr std::int64_t kWorkspaceBytes =
    32 * kMiB;  // what NVIDIA recommends on Hopper; PyTorch takes the same
constexpr std::uint32_t kSeed = 20260101;

std::int64_t aligned(std::int64_t bytes) { return (bytes + 255) / 256 * 256; }

std::int64_t arena_bytes(const Gpu& gpu) {
  std::size_t free = 0, total = 0;
  HOPSIM_CHECKED(cudaMemGetInfo(&free, &total));
  const std::int64_t rest = static_cast<std::int64_t>(free) - kScaleBytes - kActivationBytes - kOutputBytes -
                            2 * kWorkspaceBytes - 256 * kMiB;
  const std::int64_t bytes = std::min<std::int64_t>(8192 * kMiB, rest) / kMiB * kMiB;
  if (bytes < 4 * gpu.l2_bytes) throw std::runtime_error("too little free memory on the GPU");
  return bytes;
}

}  // namespace

Workbench::Workbench(const Gpu& gpu) : gpu_(gpu) {
  HOPSIM_CHECKED(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  arena_.emplace(arena_bytes(gpu));
  scales_.emplace(kScaleBytes);
  activations_.emplace(kActivationBytes);
  output_.emplace(kOutputBytes);
  products_.emplace(stream_, kWorkspaceBytes);
  fill_random(scales_->at<void>(), scales_->bytes(), Fill::kScales, kSeed, stream_);
}

Workbench::~Workbench() {
  cudaStreamSynchronize(stream_);
  cudaStreamDestroy(stream_);
}

void Workbench::fill(Fill contents) {
  if (filled_ == contents) return;
  const Fill activations = contents == Fill::kBytes ? Fill::kBf16Normal : contents;
  fill_random(arena_->at<void>(), arena_->bytes(), contents, kSeed + 1, stream_);
  fill_random(activations_->at<void>(), activations_->bytes(), activations, kSeed + 2, stream_);
  HOPSIM_CHECKED(cudaStreamSynchronize(stream_));
  filled_ = contents;
}

// As many as make a slot cold again before it is used again; 0 where not even one fits.
std::int64_t Workbench::slots_for(std::int64_t slot_bytes, const Item& item) const {
  const std::int64_t fitting = arena_->bytes() / slot_bytes;
  if (item.residency == "l2") return std::min<std::int64_t>(1, fitting);
  return std::min(fitting, (2 * gpu_.l2_bytes + slot_bytes - 1) / slot_bytes + 1);
}

std::optional<Operation> Workbench::prepare(const Item& item, std::string& why) {
  if (item.group == Group::kGemm) return product(item, why);
  if (item.group == Group::kGemv) return gemv(item, why);
  if (item.kernel == "dequant_nf4" || item.kernel == "dequant_int8") return dequant(item, why);
  if (item.kernel == "copy" || item.kernel == "read" || item.kernel == "write" || item.kernel == "memcpy") {
    return traffic(item, why);
  }
  return rows(item, why);
}

std::optional<Operation> Workbench::product(const Item& item, std::string& why) {
  const std::int64_t stride = aligned(weight_bytes(item));
  const std::int64_t element = item.dtype == "bfloat16" ? 2 : 1, out = item.dtype == "int8" ? 4 : 2;
  Operation operation;
  operation.slots = slots_for(stride, item);
  if (operation.slots == 0 || item.m * item.n * out > output_->bytes() ||
      item.m * item.k * element > activations_->bytes()) {
    why = "does not fit into the GPU's memory";
    return std::nullopt;
  }
  const bool integers = item.dtype == "int8";
  fill(integers ? Fill::kInt8Normal : item.dtype == "fp8" ? Fill::kE4m3Normal : Fill::kBf16Normal);
  const std::optional<Product> product = item.kernel == "cublas"
                                             ? products_->blas(item.m, item.n, item.k)
                                             : products_->lt(item.dtype, item.m, item.n, item.k);
  if (!product) {
    why = "cuBLASLt has no algorithm for it on this GPU";
    return std::nullopt;
  }
  operation.algorithm = product->algorithm;
  operation.flops =
      2.0 * static_cast<double>(item.m) * static_cast<double>(item.n) * static_cast<double>(item.k);
  operation.bytes_read = weight_bytes(item) + item.m * item.k * element;
  operation.bytes_written = item.m * item.n * out;
  operation.launch = [this, stride, launch = product->launch](std::int64_t slot) {
    launch(arena_->at<void>(slot * stride), activations_->at<void>(), output_->at<void>());
  };
  return operation;
}

std::optional<Operation> Workbench::gemv(const Item& item, std::string& why) {
  const bool nf4 = item.dtype == "nf4";
  const std::int64_t stride = aligned(weight_bytes(item));
  const std::int64_t scales = nf4 ? item.n * item.k / kNf4Block : item.n;
  Operation operation;
  operation.slots = std::min(slots_for(stride, item), scales_->bytes() / aligned(4 * scales));
  if (operation.slots == 0) {
    why = "does not fit into the GPU's memory";
    return std::nullopt;
  }
  fill(Fill::kBytes);
  operation.flops = 2.0 * static_cast<double>(item.n) * static_cast<double>(item.k);
  operation.bytes_read = weight_bytes(item) + 4 * scales + 2 * item.k;
  operation.bytes_written = 2 * item.n;
  operation.launch = [this, item, nf4, stride, scales](std::int64_t slot) {
    const void* codes = arena_->at<void>(slot * stride);
    const auto* scale = scales_->at<float>(slot * aligned(4 * scales));
    const auto launch = nf4 ? launch_gemv_nf4 : launch_gemv_int8;
    launch(codes, scale, activations_->at<void>(), output_->at<void>(), item.n, item.k, stream_);
  };
  return operation;
}

std::optional<Operation> Workbench::dequant(const Item& item, std::string& why) {
  const bool nf4 = item.kernel == "dequant_nf4";
  const std::int64_t elements = item.m * item.n;
  const std::int64_t codes = nf4 ? elements / 2 : elements, stride = aligned(codes);
  const std::int64_t scales = elements / (nf4 ? kNf4Block : kInt8Block);
  Operation operation;
  operation.slots = std::min(slots_for(stride, item), scales_->bytes() / aligned(4 * scales));
  if (operation.slots == 0 || 2 * elements > output_->bytes()) {
    why = "does not fit into the GPU's memory";
    return std::nullopt;
  }
  fill(Fill::kBytes);
  operation.bytes_read = codes + 4 * scales;
  operation.bytes_written = 2 * elements;
  operation.launch = [this, nf4, elements, stride, scales](std::int64_t slot) {
    const auto* scale = scales_->at<float>(slot * aligned(4 * scales));
    const auto launch = nf4 ? launch_dequant_nf4 : launch_dequant_int8;
    launch(arena_->at<void>(slot * stride), scale, output_->at<void>(), elements, stream_);
  };
  return operation;
}

std::optional<Operation> Workbench::rows(const Item& item, std::string& why) {
  const std::int64_t elements = item.m * item.n, vector = aligned(2 * elements);
  const std::int64_t inputs = item.kernel == "add" || item.kernel == "silu_mul" ? 2 : 1;
  const std::int64_t stride = (inputs + 1) * vector;
  Operation operation;
  operation.slots = slots_for(stride, item);
  if (operation.slots == 0) {
    why = "does not fit into the GPU's memory";
    return std::nullopt;
  }
  fill(Fill::kBf16Normal);
  operation.bytes_read = 2 * inputs * elements;
  operation.bytes_written = item.kernel == "quant_int8" ? elements : 2 * elements;
  operation.launch = [this, item, elements, vector, inputs, stride](std::int64_t slot) {
    const char* in = arena_->at<char>(slot * stride);
    char* out = arena_->at<char>(slot * stride + inputs * vector);
    if (item.kernel == "add") {
      launch_add(in, in + vector, out, elements, stream_);
    } else if (item.kernel == "silu_mul") {
      launch_silu_mul(in, out, item.m, item.n, stream_);
    } else if (item.kernel == "rmsnorm") {
      launch_rmsnorm(in, activations_->at<void>(), out, item.m, item.n, stream_);
    } else {
      launch_quant_int8(in, out, output_->at<float>(), item.m, item.n, stream_);
    }
  };
  filled_.reset();  // outputs overwrite part of the arena
  return operation;
}

std::optional<Operation> Workbench::traffic(const Item& item, std::string& why) {
  const std::int64_t bytes = item.n;
  const bool copies = item.kernel == "copy" || item.kernel == "memcpy";
  const std::int64_t stride = copies ? 2 * bytes : bytes;
  Operation operation;
  operation.slots = slots_for(stride, item);
  if (operation.slots == 0) {
    why = "does not fit into the GPU's memory";
    return std::nullopt;
  }
  fill(Fill::kBytes);
  operation.bytes_read = item.kernel == "write" ? 0 : bytes;
  operation.bytes_written = item.kernel == "read" ? 0 : bytes;
  operation.launch = [this, kernel = item.kernel, bytes, stride](std::int64_t slot) {
    char* at = arena_->at<char>(slot * stride);
    if (kernel == "copy") {
      launch_copy(at, at + bytes, bytes, stream_);
    } else if (kernel == "read") {
      launch_read(at, output_->at<std::uint32_t>(), bytes, gpu_.sms, stream_);
    } else if (kernel == "write") {
      launch_write(at, bytes, kSeed, stream_);
    } else {
      HOPSIM_CHECKED(cudaMemcpyAsync(at + bytes, at, static_cast<std::size_t>(bytes),
                                     cudaMemcpyDeviceToDevice, stream_));
    }
  };
  filled_.reset();
  return operation;
}

}  // namespace hopsim::microbench
