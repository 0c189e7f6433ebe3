// SPDX-License-Identifier: Apache-2.0
// The discrete-event engine, on SimGrid S4U: one event a host action and a kernel. The host thread and the
// stream are SimGrid hosts; each runs one Exec at a time, started from the completion callback of the one
// before (declaring the DAG up front is quadratic in SimGrid 3.32). A kernel waits in the stream's queue
// until the stream is free. SimGrid decides what happens next; the times in the ledger are our own integers,
// and the two clocks are compared at the end. One forked child a replay.
#pragma once

#include "replay/contract.hpp"

namespace hopsim::replay {

class SimGridEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "simgrid"; }
  [[nodiscard]] Totals replay(const Schedule& schedule) const override;
};

}  // namespace hopsim::replay
