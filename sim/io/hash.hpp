// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace hopsim::io {

/// SHA-256 of the bytes, in hexadecimal.
[[nodiscard]] std::string sha256(const std::string& bytes);

/// CRC-32 (that of zlib) of what `crc` stands for and the bytes after it; start with 0.
[[nodiscard]] std::uint32_t crc32(std::uint32_t crc, std::span<const char> bytes);

/// SHA-256 of a file's bytes, read piece by piece. Throws InputError when it can't be read.
[[nodiscard]] std::string sha256_file(const std::string& path);

}  // namespace hopsim::io
