// SPDX-License-Identifier: Apache-2.0
// Results as one HTML page that needs no network and no file beside it: template, style, script, d3 and the
// data as one JSON block. Texts of the results are only ever shown as text: '<' and its like are escaped in
// the block, and the script never makes markup of them.
#pragma once

#include <cstddef>
#include <string>

#include "io/json.hpp"
#include "report/results_file.hpp"

namespace hopsim::report {

/// A page is smaller than this, unless a single view alone is larger.
inline constexpr std::size_t kMostPageBytes = 3'000'000;

/// `path` is that of the results.
[[nodiscard]] std::string page_html(const Results& results, const std::string& path);

/// JSON text that may stand inside a script element: no '<', '>', '&' and no line separators of JavaScript.
[[nodiscard]] std::string script_safe(const io::Json& document);

/// Text that may stand in an element or in a quoted attribute.
[[nodiscard]] std::string html_escaped(const std::string& text);

}  // namespace hopsim::report
