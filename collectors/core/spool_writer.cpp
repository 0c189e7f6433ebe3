// SPDX-License-Identifier: Apache-2.0
#include "core/spool_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace hopsim::collect {

using spool::ChunkKind;

namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) {
      c = (c & 1) != 0 ? 0xEDB88320U ^ (c >> 1) : c >> 1;
    }
    table[i] = c;
  }
  return table;
}

template <class T>
const std::byte* bytes_of(const T& value) {
  return reinterpret_cast<const std::byte*>(&value);
}

std::int64_t realtime_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::uint32_t crc32(const std::byte* data, std::size_t bytes) {
  static constexpr auto kTable = make_crc_table();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (std::size_t i = 0; i < bytes; ++i) {
    crc = kTable[(crc ^ static_cast<std::uint32_t>(data[i])) & 0xFFU] ^ (crc >> 8);
  }
  return crc ^ 0xFFFFFFFFU;
}

SpoolWriter::~SpoolWriter() { abandon(); }

bool SpoolWriter::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    return false;
  }
  spool::FileHeader header;
  header.pid = static_cast<std::uint32_t>(getpid());
  header.parent_pid = static_cast<std::uint32_t>(getppid());
  header.opened_ns = realtime_ns();
  return write_all(bytes_of(header), sizeof(header));
}

std::uint32_t SpoolWriter::name(std::string_view text) {
  if (text.empty()) {
    return spool::kNoName;
  }
  const std::lock_guard lock(mutex_);
  const auto id = static_cast<std::uint32_t>(names_.size() + 1);
  const auto [entry, fresh] = names_.try_emplace(std::string(text), id);
  if (fresh) {
    gather_pair(ChunkKind::kNames, id, text, {});
  }
  return entry->second;
}

void SpoolWriter::attribute(std::string_view key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  gather_pair(ChunkKind::kAttributes, static_cast<std::uint32_t>(key.size()), key, value);
}

// An entry {u32 first, u32 bytes, a, b}: a name {id, bytes, text} or an attribute {key bytes, value bytes,
// key, value}.
void SpoolWriter::gather_pair(ChunkKind kind, std::uint32_t first, std::string_view a, std::string_view b) {
  const auto second = static_cast<std::uint32_t>(kind == ChunkKind::kNames ? a.size() : b.size());
  Pending& pending = pending_[static_cast<std::size_t>(kind)];
  const auto add = [&](const void* data, std::size_t bytes) {
    const auto* from = static_cast<const std::byte*>(data);
    pending.bytes.insert(pending.bytes.end(), from, from + bytes);
  };
  add(&first, sizeof(first));
  add(&second, sizeof(second));
  add(a.data(), a.size());
  add(b.data(), b.size());
  ++pending.records;
}

void SpoolWriter::append_bytes(ChunkKind kind, const std::byte* data, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  gather(kind, data, bytes);
  if (pending_[static_cast<std::size_t>(kind)].bytes.size() >= kChunkBytes) {
    write_chunk(ChunkKind::kNames);
    write_chunk(kind);
  }
}

void SpoolWriter::gather(ChunkKind kind, const std::byte* data, std::size_t bytes) {
  Pending& pending = pending_[static_cast<std::size_t>(kind)];
  pending.bytes.insert(pending.bytes.end(), data, data + bytes);
  ++pending.records;
}

// Header and payload leave in one write, so that a kill between two writes cannot separate them.
void SpoolWriter::write_chunk(ChunkKind kind) {
  Pending& pending = pending_[static_cast<std::size_t>(kind)];
  if (pending.records == 0) {
    return;
  }
  spool::ChunkHeader header;
  header.kind = kind;
  header.records = pending.records;
  header.payload_bytes = pending.bytes.size();
  header.crc32 = crc32(pending.bytes.data(), pending.bytes.size());
  header.sequence = sequence_++;
  pending.bytes.insert(pending.bytes.begin(), bytes_of(header), bytes_of(header) + sizeof(header));
  write_all(pending.bytes.data(), pending.bytes.size());
  pending.bytes.clear();
  pending.records = 0;
}

void SpoolWriter::flush_locked() {
  write_chunk(ChunkKind::kNames);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    write_chunk(static_cast<ChunkKind>(kind));
  }
}

void SpoolWriter::flush() {
  const std::lock_guard lock(mutex_);
  flush_locked();
}

void SpoolWriter::close(const spool::End& end) {
  const std::lock_guard lock(mutex_);
  if (fd_ < 0) {
    return;
  }
  flush_locked();
  spool::End stamped = end;
  stamped.closed_ns = realtime_ns();
  gather(ChunkKind::kEnd, bytes_of(stamped), sizeof(stamped));
  write_chunk(ChunkKind::kEnd);
  ::close(fd_);
  fd_ = -1;
}

void SpoolWriter::abandon() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

bool SpoolWriter::write_all(const std::byte* data, std::size_t bytes) {
  if (fd_ < 0) {
    return false;
  }
  while (bytes > 0) {
    const ssize_t written = ::write(fd_, data, bytes);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      ++write_errors_;
      return false;
    }
    data += written;
    bytes -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace hopsim::collect
