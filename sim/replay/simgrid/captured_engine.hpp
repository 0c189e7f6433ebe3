// SPDX-License-Identifier: Apache-2.0
// Replays a captured program as discrete events on SimGrid: host threads and streams are SimGrid hosts; when
// the last thing has happened that an event waits for, the rest of its delay runs as an Exec on the host of
// its thread or stream, and the Exec's completion is the event. The ledger holds our own integers, equal to
// those of the folded pass; the two clocks are compared at the end. One forked child a replay.
#pragma once

#include "replay/captured/program.hpp"
#include "replay/captured/timeline.hpp"

namespace hopsim::replay::captured {

/// Times of all events in ns. Throws InternalError when an event does not happen.
[[nodiscard]] Timeline run_simgrid(const Program& program);

}  // namespace hopsim::replay::captured
