// SPDX-License-Identifier: Apache-2.0
#include "cost/forms/decode_attention.hpp"

#include "base/errors.hpp"

namespace hopsim::cost::forms {

namespace {

auto scale(std::string_view name, double low, double high, double start) -> Parameter {
  return {name, low, high, {start}, false, true};
}

auto shift(std::string_view name, double low, double high, double start = 0) -> Parameter {
  return {name, low, high, {start}, false, false};
}

auto common() -> std::vector<Parameter> {
  return {scale("t0_us", 2, 40, 9),
          scale("chain_us", 0.05, 20, 2),
          scale("chain_us_per_block", 0.02, 20, 1.5),
          scale("piece_us", 0.05, 30, 2),
          scale("piece_us_per_block", 0.01, 20, 0.8),
          scale("hbm_efficiency", 0.6, 0.97, 0.88),
          scale("l2_factor", 0.15, 4, 1),
          scale("l2_share", 0.6, 1.3, 0.9),
          scale("l2_slope", 4, 14, 8),
          scale("query_factor", 0.1, 6, 1.5),
          scale("query_footprint", 0.05, 4, 1),
          scale("sharpness", 1.5, 10, 3),
          shift("wave_share", 0, 1, 0.7),
          scale("cold_us", 0.001, 10, 0.5),
          scale("sequence_us", 1e-5, 0.1, 0.003),
          scale("kv_head_us", 1e-5, 0.1, 0.005),
          scale("split_us", 0.001, 12, 1.5),
          scale("combine_us_per_split", 0.0005, 0.5, 0.05),
          scale("combine_factor", 0.01, 30, 1),
          shift("head64_t0", -0.5, 0.5),
          shift("head64_chain", -1.5, 1.5),
          shift("head64_chain_block", -1.5, 1.5),
          shift("head64_piece", -1.5, 1.5),
          shift("head64_piece_block", -1.5, 1.5),
          shift("head64_hbm", -0.3, 0.03),
          shift("group_chain", -0.6, 0.6),
          shift("group_chain_block", -0.6, 0.6),
          shift("group_piece", -0.6, 0.6),
          shift("group_piece_block", -0.6, 0.6)};
}

}  // namespace

std::vector<Parameter> attention_parameters(AttentionKernel kernel, std::size_t classes) {
  constexpr std::string_view kClassNames[][4] = {
      {"class1_t0", "class1_chain", "class1_piece", "class1_piece_block"},
      {"class2_t0", "class2_chain", "class2_piece", "class2_piece_block"},
      {"class3_t0", "class3_chain", "class3_piece", "class3_piece_block"}};
  const bool flashinfer = kernel == AttentionKernel::kFlashinfer;
  std::vector<Parameter> out = common();
  if (kernel == AttentionKernel::kFa3) {
    out.push_back(shift("group_piece_class", -0.6, 0.6));
  }
  if (kernel == AttentionKernel::kFa2 || flashinfer) {
    out.push_back(scale("copy_us", 0.001, 12, 2));
    out.push_back(scale("copy_factor", 0.01, 20, 1));
  }
  if (flashinfer) {
    out.push_back(shift("short_row_waste", 0, 1.5, 1));
    out.push_back(shift("short_row_onset", -1, 1.5, 0.3));
  }
  if (kernel == AttentionKernel::kTrtllm) {
    out.push_back(scale("reduction_us", 0.001, 6, 0.3));
  }
  for (std::size_t c = 0; c < classes; ++c) {
    for (std::size_t i = 0; i < 4; ++i) {
      const double bound = i == 0 ? 0.7 : 1.5;
      out.push_back(shift(kClassNames[c][i], -bound, i == 0 ? 0.9 : bound));
    }
  }
  return out;
}

}  // namespace hopsim::cost::forms
