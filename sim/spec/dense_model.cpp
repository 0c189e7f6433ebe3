// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/errors.hpp"
#include "io/object_reader.hpp"
#include "spec/model.hpp"

namespace hopsim::spec {

namespace {

// Published shapes along which dense@N runs: Qwen2.5-0.5B, Qwen3-0.6B/1.7B/4B/8B/14B/32B, Qwen2.5-72B (their
// config.json), without biases and QK norm, whose parameters are below 0.1 %.
struct Anchor {
  double params, hidden, layers, kv_heads, ffn;
};
constexpr std::array<Anchor, 7> kAnchors = {{{0.596e9, 1024, 28, 8, 3072},
                                             {1.72e9, 2048, 28, 8, 6144},
                                             {4.02e9, 2560, 36, 8, 9728},
                                             {8.19e9, 4096, 36, 8, 12288},
                                             {14.77e9, 5120, 40, 8, 17408},
                                             {32.76e9, 5120, 64, 8, 25600},
                                             {72.7e9, 8192, 80, 8, 29568}}};
constexpr double kTiedUpTo = 4.1e9;  // the families tie embeddings up to 4B
constexpr double kLow = 2e8;
constexpr double kHigh = 2e11;
constexpr int kHeadDim = 128;
constexpr int kFfnStep = 16;

auto round_to(double x, int step) -> int {
  return std::max(step, static_cast<int>(std::lround(x / step)) * step);
}

// Log-log interpolation between the neighbouring anchors; the end segments are continued.
auto along(double params, double Anchor::*field) -> double {
  std::size_t i = 0;
  while (i + 2 < kAnchors.size() && params > kAnchors[i + 1].params) {
    ++i;
  }
  const Anchor& a = kAnchors[i];
  const Anchor& b = kAnchors[i + 1];
  const double t = std::log(params / a.params) / std::log(b.params / a.params);
  return a.*field * std::pow(b.*field / (a.*field), t);
}

}  // namespace

ModelSpec dense_model(double params) {
  if (!(params >= kLow && params <= kHigh)) {
    throw InputError(Location{},
                     fmt::format("dense@ takes {:g} to {:g} parameters, not {:g}", kLow, kHigh, params));
  }
  ModelSpec out;
  out.name = fmt::format("dense@{:.6g}b", params / 1e9);
  out.source = "interpolated along the published shapes of Qwen3 and Qwen2.5";
  out.head_dim = kHeadDim;
  out.vocab = 151936;
  out.tied_embeddings = params <= kTiedUpTo;
  out.layers = std::max(1, static_cast<int>(std::lround(along(params, &Anchor::layers))));
  out.hidden = round_to(along(params, &Anchor::hidden), kHeadDim);
  out.heads = std::max(8, out.hidden / kHeadDim / 8 * 8);
  out.kv_heads = 8;
  // The feed-forward width takes what the rounding of the other dimensions left over.
  out.ffn = 0;
  const double rest = params - out.params();
  out.ffn = round_to(rest / (3.0 * out.hidden * out.layers), kFfnStep);
  HOPSIM_CHECK(std::abs(out.params() / params - 1) < 0.01, "dense@N misses its size");
  return out;
}

bool is_dense_name(const std::string& name) { return name.starts_with("dense@"); }

ModelSpec dense_model_from_name(const std::string& name) {
  const std::string size = name.substr(std::string("dense@").size());
  const double unit = size.ends_with("b") || size.ends_with("B")   ? 1e9
                      : size.ends_with("m") || size.ends_with("M") ? 1e6
                                                                   : 0;
  const auto number =
      unit > 0 ? io::parse_number(std::string_view(size).substr(0, size.size() - 1)) : std::nullopt;
  if (!number) {
    throw InputError(Location{}, fmt::format("unknown model '{}'", name),
                     "a size is written dense@13b, dense@0.6b or dense@350m");
  }
  return dense_model(*number * unit);
}

}  // namespace hopsim::spec
