// SPDX-License-Identifier: Apache-2.0
// The files that a page is made of, put into the program at build time by embed.cmake: our own template,
// style sheet and script, and d3 with its licence from the Debian package node-d3. So a page needs no file
// beside the program.
#pragma once

#include <string_view>

namespace hopsim::report::assets {

extern const std::string_view kTemplate;
extern const std::string_view kStyle;
extern const std::string_view kScript;
extern const std::string_view kD3;
extern const std::string_view kD3Licence;

}  // namespace hopsim::report::assets
