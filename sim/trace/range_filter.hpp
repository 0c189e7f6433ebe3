// SPDX-License-Identifier: Apache-2.0
// The part of a trace that ran inside ranges of one name: calls made in them, what these calls put on a
// device, and the ranges within. Time starts at zero again.
#pragma once

#include <string>

#include "trace/records.hpp"

namespace hopsim::trace {

/// Throws InputError naming `path` where no range has that name or nothing ran inside.
[[nodiscard]] Trace only_in_range(Trace trace, const std::string& name, const std::string& path);

}  // namespace hopsim::trace
