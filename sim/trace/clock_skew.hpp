// SPDX-License-Identifier: Apache-2.0
// Brings a device's clock together with the host's. CUPTI converts device times to host times; where that
// conversion is off, kernels start before the call that launches them. No cause has an effect before it, so
// such a capture is wrong by at least that much.
//
// A device that had nothing to do when a kernel was launched starts it a few microseconds after the call
// began (5 us on the captures at hand). So each launch onto an idle device tells the error of the clock at
// that time: start of the kernel - start of the call - 5 us. The errors are taken along their lower envelope
// (a convex, piecewise linear function of time, like the drift of two clocks that are adjusted to each
// other), and all times of the device are moved by it. Where no launch found the device idle, the largest
// violation moves all of them alike. If kernels still start before their launch after that, the capture is
// refused.
#pragma once

#include <string>

#include "trace/quality.hpp"
#include "trace/records.hpp"

namespace hopsim::trace {

/// Moves the kernels and memory operations of devices whose clock is off, and counts them. Few violations (at
/// most 1 % of a device's launches) are counted and left. Throws InputError naming `path` where it can't be
/// corrected.
void correct_clocks(Trace& trace, Quality& quality, const std::string& path);

}  // namespace hopsim::trace
