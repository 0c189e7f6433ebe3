// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace hopsim::report {

/// Runs a gnuplot script. Throws InputError when gnuplot is not installed and InternalError when it rejects
/// the script.
void run_gnuplot(const std::string& script);

/// Text inside single quotes of a gnuplot script.
[[nodiscard]] std::string quoted(const std::string& text);

}  // namespace hopsim::report
