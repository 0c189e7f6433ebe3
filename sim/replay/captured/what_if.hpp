// SPDX-License-Identifier: Apache-2.0
// What-ifs: a program in, another program out. Each states what it takes away; what remains follows from the
// rules.
#pragma once

#include <cstdint>
#include <vector>

#include "base/kernel_class.hpp"
#include "replay/captured/program.hpp"

namespace hopsim::replay::captured {

/// A host that is `speed` times as fast: gaps between calls and costs of calls shrink, device work does not.
/// Throws InputError unless 0.01 <= speed <= 100.
[[nodiscard]] Program with_host_speed(Program program, double speed);

/// The operations of a class take no time, nor do the calls that launch them and the host work before these.
[[nodiscard]] Program without_class(Program program, KernelClass cls);

/// Each thread's launches between two calls that wait become one graph launch: the first keeps its cost and
/// latency, the calls after it up to the next waiting call cost nothing, nor does the work between them, and
/// the operations follow each other at the usual gap of their stream. Copies whose call waits stay calls of
/// their own.
[[nodiscard]] Program with_graphs(Program program);

/// Other durations for all operations, in ns, in the order of Program::ops (for another GPU).
[[nodiscard]] Program with_durations(Program program, const std::vector<std::int64_t>& durations_ns);

}  // namespace hopsim::replay::captured
