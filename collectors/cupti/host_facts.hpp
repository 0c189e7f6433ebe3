// SPDX-License-Identifier: Apache-2.0
// What the machine says about itself and the process: the attributes of a spool that need no CUPTI. An empty
// string means that it does not say.
#pragma once

#include <string>

namespace hopsim::collect {

/// The command line, arguments apart by spaces.
[[nodiscard]] std::string command_line();
/// "Intel(R) Xeon(R) Platinum 8480C".
[[nodiscard]] std::string host_cpu();
/// Now, "2026-03-01T12:30:00Z".
[[nodiscard]] std::string utc_now();
/// The kernel driver's version, "580.95.05", from what it shows of itself in /proc or /sys.
[[nodiscard]] std::string nvidia_driver_version();
/// The version number inside a text like "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue
/// ...".
[[nodiscard]] std::string version_in(const std::string& text);

}  // namespace hopsim::collect
