// SPDX-License-Identifier: Apache-2.0
// Files as hopsim uses them: read whole, or written whole. A result appears under its name only when it is
// complete.
#pragma once

#include <cstdint>
#include <string>

namespace hopsim::io {

/// The file's bytes. Throws InputError: missing, a directory, unreadable, larger than `max_bytes`.
[[nodiscard]] std::string read_text_file(const std::string& path, std::uintmax_t max_bytes = 64U << 20U);

/// Writes to a temporary sibling and renames it over `path`. Throws InputError (the path is the user's
/// choice); leaves nothing behind when it throws.
void write_text_file(const std::string& path, const std::string& text);

/// A name beside `path` to write to before the rename; unique to this process.
[[nodiscard]] std::string partial_name(const std::string& path);

/// Throws InputError unless `path` can become a file: its folder exists, it is no folder itself.
void check_output_path(const std::string& path);

/// Renames `from` over `to`; throws InputError and removes `from` when that fails.
void rename_file(const std::string& from, const std::string& to);

}  // namespace hopsim::io
