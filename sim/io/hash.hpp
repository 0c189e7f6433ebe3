// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace hopsim::io {

/// SHA-256 of the bytes, in hexadecimal.
[[nodiscard]] std::string sha256(const std::string& bytes);

/// SHA-256 of a file's bytes, read piece by piece. Throws InputError when it can't be read.
[[nodiscard]] std::string sha256_file(const std::string& path);

/// CRC-32 of zlib and PNG; `before` is that of the bytes that stand before these.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace hopsim::io
