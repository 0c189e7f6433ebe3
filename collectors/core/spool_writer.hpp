// SPDX-License-Identifier: Apache-2.0
// Writes a spool (trace/import/spool/spool_format.hpp): records are gathered by kind and leave as checksummed
// chunks, each with one write(2), so that a process that is killed leaves a readable file. Needs nothing but
// libc and libstdc++, because it runs inside other people's programs; it reports failure instead of throwing.
// One mutex; callable from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "trace/import/spool/spool_format.hpp"

namespace hopsim::collect {

/// CRC-32 of zlib and PNG (reflected 0xEDB88320).
[[nodiscard]] std::uint32_t crc32(const std::byte* data, std::size_t bytes);

class SpoolWriter {
 public:
  SpoolWriter() = default;
  ~SpoolWriter();
  SpoolWriter(const SpoolWriter&) = delete;
  SpoolWriter& operator=(const SpoolWriter&) = delete;

  /// Creates the file and writes its header; false: see errno.
  [[nodiscard]] bool open(const std::string& path);
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  /// The id of a string, which is written on its first use; 0 for an empty one.
  [[nodiscard]] std::uint32_t name(std::string_view text);
  void attribute(std::string_view key, std::string_view value);

  template <class Record>
  void append(spool::ChunkKind kind, const Record& record) {
    static_assert(std::is_trivially_copyable_v<Record>);
    append_bytes(kind, reinterpret_cast<const std::byte*>(&record), sizeof(record));
  }

  /// Writes out everything gathered so far, names first.
  void flush();

  /// Flushes, writes the trailer and closes. A file without a trailer is a process that was killed.
  void close(const spool::End& end);

  /// Forgets the file without writing: for the child of a fork, which shares the descriptor with its parent.
  void abandon();

  [[nodiscard]] std::uint64_t write_errors() const { return write_errors_; }

 private:
  struct Pending {
    std::vector<std::byte> bytes;
    std::uint32_t records = 0;
  };
  static constexpr std::size_t kKinds = static_cast<std::size_t>(spool::ChunkKind::kEnd) + 1;
  static constexpr std::size_t kChunkBytes = std::size_t{1} << 18;

  void append_bytes(spool::ChunkKind kind, const std::byte* data, std::size_t bytes);
  void gather(spool::ChunkKind kind, const std::byte* data, std::size_t bytes);
  void gather_pair(spool::ChunkKind kind, std::uint32_t first, std::string_view a, std::string_view b);
  void write_chunk(spool::ChunkKind kind);
  void flush_locked();
  bool write_all(const std::byte* data, std::size_t bytes);

  std::mutex mutex_;
  int fd_ = -1;
  std::uint32_t sequence_ = 0;
  std::uint64_t write_errors_ = 0;
  std::array<Pending, kKinds> pending_;
  std::unordered_map<std::string, std::uint32_t> names_;
};

}  // namespace hopsim::collect
