// SPDX-License-Identifier: Apache-2.0
// What every importer hands over: records as captured, with absolute times, in any order, and what it could
// not use. `finish` makes a trace of them, the same way for every format:
//   1. drops what can't be right (no time, negative duration, the same record twice) and counts it
//   2. brings the clocks of host and devices together (clock_skew.hpp), or refuses
//   3. starts time at the first record, sorts
//   4. joins kernels with calls, ranges and CUDA graphs; classifies kernels; attaches the sizes of matrix
//   products
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "trace/gemm_shape.hpp"
#include "trace/kernel_classes.hpp"
#include "trace/names.hpp"
#include "trace/quality.hpp"
#include "trace/records.hpp"

namespace hopsim::trace {

/// The matrix product of an operator.
struct OperatorShape {
  GemmShape shape;
  std::string dtype;
};

struct Draft {
  std::string path;  // for messages
  // Names, quality and shapes are filled by `finish`, and the range of every kernel that has none yet.
  Trace trace;
  std::vector<std::int64_t> range_shape;  // one a range: index into operator_shapes, or kNone
  std::vector<OperatorShape> operator_shapes;
  Names names;
  Quality quality;
  std::int64_t resolution_ns = 1;  // of the capture's clock
};

/// Throws InputError when nothing usable is left or the clocks can't be brought together.
[[nodiscard]] Trace finish(Draft draft, const KernelClasses& classes);

}  // namespace hopsim::trace
