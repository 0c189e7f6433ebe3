// SPDX-License-Identifier: Apache-2.0
// Nsight Systems captures exported as SQLite (schemas of 2021 to now). Correlation ids are those of a process
// there, so ids of a second process are moved by 2^32; threads keep their global ids; devices are the GPUs of
// the machine, also where every process calls its own one 0.
#pragma once

#include <string>

#include "trace/draft.hpp"

namespace hopsim::trace::nsys {

/// Throws InputError: no such export, damaged.
[[nodiscard]] Draft read_nsys(const std::string& path);

}  // namespace hopsim::trace::nsys
