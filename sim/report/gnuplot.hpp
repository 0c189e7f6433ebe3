// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace hopsim::report {

/// Draws a file whole or not at all: `script_for` is given the name of the part that gnuplot is to write.
/// Throws InputError when the path can't be written or gnuplot is not installed, and InternalError when it
/// rejects the script.
void draw_with_gnuplot(const std::string& path,
                       const std::function<std::string(const std::string&)>& script_for);

/// Text inside single quotes of a gnuplot script.
[[nodiscard]] std::string quoted(const std::string& text);

}  // namespace hopsim::report
