// SPDX-License-Identifier: Apache-2.0
// The measured and the simulated timeline of a replay as two processes of one Chrome trace (chrome://tracing,
// ui.perfetto.dev): a row for each host thread and each stream, counters for the queue depth of each device
// and, where the trace has power samples, for power.
#pragma once

#include <string>

#include "replay/captured/program.hpp"
#include "replay/captured/timeline.hpp"
#include "trace/records.hpp"

namespace hopsim::replay::captured {

/// JSON text. `times` is a timeline of `program`, which was built from `trace`.
[[nodiscard]] std::string chrome_trace(const trace::Trace& trace, const Program& program,
                                       const Timeline& times);

}  // namespace hopsim::replay::captured
