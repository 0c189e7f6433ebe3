// SPDX-License-Identifier: Apache-2.0
// The trace HDF5 of DESIGN.md section 5: one group of columns a kind of record, the dictionaries /names,
// /devices and /classes, the data-quality counters /quality, and the provenance as root attributes. Written
// whole or not at all; the same trace gives the same bytes. traces/README.md is the description for those who
// read it with h5py.
#pragma once

#include <string>

#include "trace/records.hpp"

namespace hopsim::trace {

/// Throws InputError when `path` can't be written.
void write_trace(const Trace& trace, const std::string& path);

/// Throws InputError, with file and dataset, unless the file is a trace of this major version whose columns
/// have units and equal lengths, whose ids are in range and whose durations are not negative.
[[nodiscard]] Trace read_trace(const std::string& path);

}  // namespace hopsim::trace
