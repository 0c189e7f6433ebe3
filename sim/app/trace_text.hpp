// SPDX-License-Identifier: Apache-2.0
// What the trace commands print, as text for 100 columns.
#pragma once

#include <string>

#include "io/json.hpp"
#include "trace/records.hpp"
#include "trace/statistics.hpp"

namespace hopsim::app {

/// The data-quality counters: one line each, or nothing.
[[nodiscard]] std::string quality_text(const trace::Trace& trace);
[[nodiscard]] io::Json quality_json(const trace::Trace& trace);

/// The whole of `hopsim trace`; the `top` kernels by time.
[[nodiscard]] std::string trace_text(const trace::Trace& trace, const trace::Statistics& statistics,
                                     std::size_t top);

/// A template's name without its arguments, at most `width` characters.
[[nodiscard]] std::string short_name(const std::string& name, std::size_t width);

}  // namespace hopsim::app
