// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace hopsim::io {

/// SHA-256 of the bytes, in hexadecimal.
[[nodiscard]] std::string sha256(const std::string& bytes);

}  // namespace hopsim::io
