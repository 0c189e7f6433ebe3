// SPDX-License-Identifier: Apache-2.0
// The matrix products of a trace as a kernel table (DESIGN.md section 5, linear layers), one row a kernel,
// number format and size. Latency is that of an operator: the sum over its kernels, since a product may be
// split over several.
#pragma once

#include <string>

#include "trace/records.hpp"

namespace hopsim::trace {

/// CSV text: framework,version,kernel,dtype,m,n,k,latency_us and the further columns batch,count,p90_us.
/// Latency is the median over the operators. A header alone where the trace has no sizes.
[[nodiscard]] std::string kernel_table_csv(const Trace& trace);

}  // namespace hopsim::trace
