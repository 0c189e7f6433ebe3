// SPDX-License-Identifier: Apache-2.0
// JSON documents for `--json`: keys keep their order, numbers are finite.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hopsim::io {

using Json = nlohmann::ordered_json;

/// Indented text. Throws InternalError when the document holds a NaN or an infinity: no result may.
[[nodiscard]] std::string to_text(const Json& document);

}  // namespace hopsim::io
