// SPDX-License-Identifier: Apache-2.0
// What microbench measures, in the order of its worth: a run that is out of time has the rows that matter
// most. Decided without a GPU, so that --list shows it anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hopsim::microbench {

/// Folder of a row: kernels.csv, small_kernels.csv, launch.csv.
enum class Group { kGemm, kGemv, kSmall, kLaunch };

struct Item {
  Group group = Group::kGemm;
  int priority = 0;       ///< lower comes first
  std::string kernel;     ///< cublas, cublaslt, own_nf4_gemv, copy, empty_stream, ...
  std::string dtype;      ///< bfloat16, fp8, int8, nf4
  std::int64_t m = 0;     ///< rows (tokens); for `small`: rows of the activation
  std::int64_t n = 0;     ///< outputs; for `small`: elements a row, or bytes of a copy
  std::int64_t k = 0;     ///< inputs; 0 for `small` and `launch`
  std::string residency;  ///< `small`: hbm (buffers rotate) or l2 (one buffer)
  std::string uses;
};

[[nodiscard]] const char* group_name(Group group);

/// Every row, most valuable first.
[[nodiscard]] std::vector<Item> all_items();

/// Bytes of the weights of one product at this precision; codes alone, without the scales.
[[nodiscard]] std::int64_t weight_bytes(const Item& item);

/// Seconds that measuring the row takes on a GPU with this memory bandwidth: a bound for the plan, not a
/// result.
[[nodiscard]] double estimated_seconds(const Item& item, double hbm_bytes_per_s);

}  // namespace hopsim::microbench
