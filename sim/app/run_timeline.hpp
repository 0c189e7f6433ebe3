// SPDX-License-Identifier: Apache-2.0
// The timeline of one workload as a process of a Chrome trace: a host thread and a stream with hops, steps,
// layers and kernels as nested slices, and counters for power, queue depth and context length. Walks the
// schedule task by task by the rules of replay/contract.hpp, so it ends when the engines say.
//
// A chain of a thousand tokens has half a million kernels. So layers and kernels are shown for the prefill
// and the first `detailed_steps` decode steps of each hop; of the other steps the step itself, its mean power
// and its deepest queue.
#pragma once

#include <cstdint>
#include <string_view>

#include "io/chrome_events.hpp"
#include "metrics/point.hpp"

namespace hopsim::app {

/// Adds the workload on one of `gpus` (ranks are alike) as process `process`; requires that the GPU has its
/// kernels. Returns the end in picoseconds.
std::int64_t add_timeline(const metrics::Machine& machine, const cost::StepCoster& coster,
                          const metrics::Workload& workload, int gpus, int process,
                          std::int64_t detailed_steps, io::ChromeEvents& out);

}  // namespace hopsim::app
