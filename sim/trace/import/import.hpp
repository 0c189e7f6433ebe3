// SPDX-License-Identifier: Apache-2.0
// A capture of any known format as a trace. The format is recognised by the file's first bytes, not by its
// name. A capture of the collector may be several files: the spools of a run's processes, or their folder.
#pragma once

#include <string>
#include <vector>

#include "trace/kernel_classes.hpp"
#include "trace/records.hpp"

namespace hopsim::trace {

/// Throws InputError: no such file, no known format, damaged, nothing usable in it.
[[nodiscard]] Trace import_capture(const std::vector<std::string>& paths, const KernelClasses& classes);

[[nodiscard]] inline Trace import_capture(const std::string& path, const KernelClasses& classes) {
  return import_capture(std::vector{path}, classes);
}

}  // namespace hopsim::trace
