// SPDX-License-Identifier: Apache-2.0
// Writes a spool (trace/import/spool/spool_format.hpp): records are gathered by kind and leave as checksummed
// chunks, each with one write(2), so that a process that is killed leaves a readable file. Needs nothing but
// libc and libstdc++, because it runs inside other people's programs. Failure is reported, not thrown: where
// a write fails, the file is cut back to its last whole chunk and ends there, without a trailer.
// One mutex; callable from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
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

  /// Creates the file, which must not exist, and writes its header; false: see errno.
  [[nodiscard]] bool open(const std::string& path);
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  /// The id of a string, which is written on its first use; 0 for an empty one.
  [[nodiscard]] std::uint32_t name(std::string_view text);
  void attribute(std::string_view key, std::string_view value);

  template <class Record>
  void append(spool::ChunkKind kind, const Record& record) {
    static_assert(std::is_trivially_copyable_v<Record>);
    append_bytes(kind, reinterpret_cast<const std::byte*>(&record), 1, sizeof(record));
  }

  template <class Record>
  void append_all(spool::ChunkKind kind, std::span<const Record> records) {
    static_assert(std::is_trivially_copyable_v<Record>);
    for (; records.size() > kChunkBytes / sizeof(Record);
         records = records.subspan(kChunkBytes / sizeof(Record))) {
      append_bytes(kind, reinterpret_cast<const std::byte*>(records.data()), kChunkBytes / sizeof(Record),
                   sizeof(Record));
    }
    append_bytes(kind, reinterpret_cast<const std::byte*>(records.data()), records.size(), sizeof(Record));
  }

  /// Writes out everything gathered so far, names first.
  void flush();

  /// Flushes, writes the trailer and closes. A file without a trailer is a process that was killed.
  void close(const spool::End& end);

  /// Forgets the file without writing: for the child of a fork, which shares the descriptor with its parent.
  /// Takes no lock, because a thread that the child does not have may hold it; nothing else may follow.
  void abandon();

  /// errno of the write that ended the file early; 0: all went well.
  [[nodiscard]] int write_error() const { return write_error_.load(); }

 private:
  struct Pending {
    std::vector<std::byte> bytes;  // starts with room for the chunk's header
    std::uint32_t records = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr std::size_t kKinds = static_cast<std::size_t>(spool::ChunkKind::kEnd) + 1;
  static constexpr std::size_t kChunkBytes = std::size_t{1} << 18;

  void append_bytes(spool::ChunkKind kind, const std::byte* data, std::size_t records, std::size_t each);
  void gather(spool::ChunkKind kind, const void* data, std::size_t bytes);
  void gather_pair(spool::ChunkKind kind, std::uint32_t first, std::string_view a, std::string_view b);
  void write_chunk(spool::ChunkKind kind);
  void flush_locked();
  void write_if_full(spool::ChunkKind kind);
  bool write_all(const std::byte* data, std::size_t bytes);

  std::mutex mutex_;
  int fd_ = -1;
  std::uint32_t sequence_ = 0;
  std::uint64_t written_ = 0;  // bytes up to the end of the last whole chunk
  std::atomic<int> write_error_ = 0;
  std::array<Pending, kKinds> pending_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> names_;
};

}  // namespace hopsim::collect
