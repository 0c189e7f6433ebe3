// SPDX-License-Identifier: Apache-2.0
// The measured and the simulated timeline of a replay as two processes of one Chrome trace (chrome://tracing,
// ui.perfetto.dev): a row for each host thread, with its ranges (NVTX, operators) around their calls, a row
// for each stream, one more where its operations overlap, counters for the queue depth of each device and,
// where the trace has power samples, for power. Casting kernels have a colour of their own.
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
