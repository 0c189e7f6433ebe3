// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "microbench/kernels.hpp"
#include "microbench/products.hpp"
#include "microbench/reference.hpp"
#include "microbench/self_check.hpp"

namespace hopsim::microbench {

namespace {

using reference::Bf16;
using reference::Bytes;
using reference::Values;

constexpr std::int64_t kRows = 3, kColumns = 2560, kElements = kRows * kColumns;
constexpr std::int64_t kM = 8, kN = 80, kK = 1472;  // k: not a multiple of what a warp takes at once
constexpr double kBf16Error = 0.008;                // two roundings of 2^-9, and float sums
constexpr double kFp8Error = 0.02;                  // fast accumulation keeps fewer bits than float

template <class T>
std::vector<T> fetch(const DeviceBuffer& buffer, std::int64_t count) {
  std::vector<T> values(static_cast<std::size_t>(count));
  HOPSIM_CHECKED(
      cudaMemcpy(values.data(), buffer.at<void>(), values.size() * sizeof(T), cudaMemcpyDeviceToHost));
  return values;
}

template <class T>
Values plain(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

// Operands of every check, and where results go.
struct Operands {
  DeviceBuffer a{2 * kElements * 2}, b{kElements * 2}, out{kElements * 4}, scales{kElements * 4};
  cudaStream_t stream;

  explicit Operands(cudaStream_t s) : stream(s) {
    fill_random(b.at<void>(), b.bytes(), Fill::kBf16Normal, 2, stream);
    fill_random(scales.at<void>(), scales.bytes(), Fill::kScales, 3, stream);
  }
  // Waited for: fetch() copies on another stream, which does not wait for this one.
  void fill(Fill contents) {
    fill_random(a.at<void>(), a.bytes(), contents, 1, stream);
    HOPSIM_CHECKED(cudaStreamSynchronize(stream));
  }
  template <class T>
  std::vector<T> result(std::int64_t count) {
    HOPSIM_CHECKED(cudaStreamSynchronize(stream));
    return fetch<T>(out, count);
  }
};

double check_dequant(Operands& o, bool nf4) {
  o.fill(Fill::kBytes);
  const auto launch = nf4 ? launch_dequant_nf4 : launch_dequant_int8;
  launch(o.a.at<void>(), o.scales.at<float>(), o.out.at<void>(), kElements, o.stream);
  const Values got = reference::widened(o.result<std::uint16_t>(kElements));
  const auto scales = fetch<float>(o.scales, kElements);
  const Bytes codes = fetch<std::uint8_t>(o.a, nf4 ? kElements / 2 : kElements);
  return reference::relative_error(
      got, nf4 ? reference::nf4(codes, scales) : reference::int8(codes, scales, kInt8Block));
}

double check_gemv(Operands& o, bool nf4) {
  o.fill(Fill::kBytes);
  const auto launch = nf4 ? launch_gemv_nf4 : launch_gemv_int8;
  launch(o.a.at<void>(), o.scales.at<float>(), o.b.at<void>(), o.out.at<void>(), 8, kK, o.stream);
  const Values got = reference::widened(o.result<std::uint16_t>(8));
  const auto scales = fetch<float>(o.scales, kElements);
  const Bytes codes = fetch<std::uint8_t>(o.a, nf4 ? 8 * kK / 2 : 8 * kK);
  const Values weights = nf4 ? reference::nf4(codes, scales) : reference::int8(codes, scales, kK);
  return reference::relative_error(
      got, reference::product(reference::widened(fetch<std::uint16_t>(o.b, kK)), weights, 1, 8, kK));
}

double check_rows(Operands& o, const std::string& kernel) {
  o.fill(Fill::kBf16Normal);
  const Bf16 a = fetch<std::uint16_t>(o.a, 2 * kElements), b = fetch<std::uint16_t>(o.b, kElements);
  const Bf16 first(a.begin(), a.begin() + kElements), weight(b.begin(), b.begin() + kColumns);
  Values want;
  if (kernel == "add") {
    launch_add(o.a.at<void>(), o.b.at<void>(), o.out.at<void>(), kElements, o.stream);
    want = reference::add(first, b);
  } else if (kernel == "silu_mul") {
    launch_silu_mul(o.a.at<void>(), o.out.at<void>(), kRows, kColumns, o.stream);
    want = reference::silu_mul(a, kColumns);
  } else if (kernel == "rmsnorm") {
    launch_rmsnorm(o.a.at<void>(), o.b.at<void>(), o.out.at<void>(), kRows, kColumns, o.stream);
    want = reference::rmsnorm(first, weight, kRmsEpsilon);
  } else {
    launch_quant_int8(o.a.at<void>(), o.out.at<void>(), o.scales.at<float>(), kRows, kColumns, o.stream);
    return reference::relative_error(plain(o.result<std::int8_t>(kElements)),
                                     reference::quant_int8(first, kColumns));
  }
  return reference::relative_error(reference::widened(o.result<std::uint16_t>(kElements)), want);
}

double check_copy(Operands& o) {
  o.fill(Fill::kBytes);
  launch_copy(o.a.at<void>(), o.out.at<void>(), 2 * kElements, o.stream);
  return reference::relative_error(plain(o.result<std::uint8_t>(2 * kElements)),
                                   plain(fetch<std::uint8_t>(o.a, 2 * kElements)));
}

Values decoded(const Bytes& bytes, const std::string& dtype) {
  Values values;
  for (const std::uint8_t byte : bytes) {
    values.push_back(dtype == "fp8" ? reference::e4m3_value(byte)
                                    : static_cast<double>(static_cast<std::int8_t>(byte)));
  }
  return values;
}

double check_product(Operands& o, Products& products, const std::string& kernel, const std::string& dtype) {
  const bool wide = dtype == "bfloat16";
  const DeviceBuffer w(kN * kK * 2), x(kM * kK * 2);
  const Fill contents = wide ? Fill::kBf16Normal : dtype == "fp8" ? Fill::kE4m3Normal : Fill::kInt8Normal;
  fill_random(w.at<void>(), w.bytes(), contents, 11, o.stream);
  fill_random(x.at<void>(), x.bytes(), contents, 12, o.stream);
  const auto product = kernel == "cublas" ? products.blas(kM, kN, kK) : products.lt(dtype, kM, kN, kK);
  if (!product) throw Unsupported("no algorithm on this GPU");
  product->launch(w.at<void>(), x.at<void>(), o.out.at<void>());
  const Values got = dtype == "int8" ? plain(o.result<std::int32_t>(kM * kN))
                                     : reference::widened(o.result<std::uint16_t>(kM * kN));
  const auto values = [&](const DeviceBuffer& buffer, std::int64_t count) {
    return wide ? reference::widened(fetch<std::uint16_t>(buffer, count))
                : decoded(fetch<std::uint8_t>(buffer, count), dtype);
  };
  return reference::relative_error(got,
                                   reference::product(values(x, kM * kK), values(w, kN * kK), kM, kN, kK));
}

}  // namespace

std::vector<Finding> self_check(cudaStream_t stream) {
  Operands operands(stream);
  Products products(stream, std::int64_t{32} << 20);
  std::vector<Finding> findings;
  const auto check_one = [&](const std::string& kernel, double allowed,
                             const std::function<double()>& measure) {
    Finding finding;
    finding.kernel = kernel;
    try {
      finding.error = measure();
      finding.ok = finding.error <= allowed;
    } catch (const Unsupported& error) {
      finding.unsupported = true;
      finding.note = error.what();
    } catch (const std::runtime_error& error) {
      finding.note = error.what();
    }
    findings.push_back(finding);
  };
  for (const bool nf4 : {true, false}) {
    check_one(nf4 ? "dequant_nf4" : "dequant_int8", kBf16Error, [&] { return check_dequant(operands, nf4); });
    check_one(nf4 ? "own_nf4_gemv" : "own_int8_gemv", kBf16Error, [&] { return check_gemv(operands, nf4); });
  }
  for (const char* kernel : {"add", "silu_mul", "rmsnorm"}) {
    check_one(kernel, kBf16Error, [&] { return check_rows(operands, kernel); });
  }
  check_one("quant_int8", 1.01 / 127,
            [&] { return check_rows(operands, "quant_int8"); });  // a tie may round either way
  check_one("copy", 0, [&] { return check_copy(operands); });
  check_one("cublas bfloat16", kBf16Error,
            [&] { return check_product(operands, products, "cublas", "bfloat16"); });
  for (const char* dtype : {"bfloat16", "fp8", "int8"}) {
    const double allowed = dtype == std::string("int8")  ? 0
                           : dtype == std::string("fp8") ? kFp8Error
                                                         : kBf16Error;
    check_one(std::string("cublaslt ") + dtype, allowed,
              [&] { return check_product(operands, products, "cublaslt", dtype); });
  }
  return findings;
}

}  // namespace hopsim::microbench
