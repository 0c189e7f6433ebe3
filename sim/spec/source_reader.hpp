// SPDX-License-Identifier: Apache-2.0
// Reading `kind:` and `source:`, which every block of numbers in our files carries.
#pragma once

#include "base/provenance.hpp"
#include "io/object_reader.hpp"

namespace hopsim::spec {

/// Reads the keys `kind` (measured, fitted, spec, borrowed, assumed) and `source` (a citation) of `reader`.
[[nodiscard]] Source read_source(io::ObjectReader& reader);

}  // namespace hopsim::spec
