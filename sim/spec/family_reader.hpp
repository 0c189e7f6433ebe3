// SPDX-License-Identifier: Apache-2.0
// Reading one entry of a GPU profile's `families:`. Grids and error bins are one line of whole numbers each:
// as lists of YAML nodes they would take most of a profile's loading time.
#pragma once

#include "io/object_reader.hpp"
#include "spec/gpu.hpp"

namespace hopsim::spec {

/// Findings go to `findings`; `gpu` needs its tensor peaks.
[[nodiscard]] KernelFamily read_family(const io::Value& value, const GpuSpec& gpu, Findings& findings);

/// The operand bytes of a linear layer, from keys of `reader`.
[[nodiscard]] LinearFormat read_linear_format(io::ObjectReader& reader);

}  // namespace hopsim::spec
