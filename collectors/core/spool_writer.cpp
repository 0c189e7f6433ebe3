// SPDX-License-Identifier: Apache-2.0
#include "core/spool_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace hopsim::collect {

using spool::ChunkKind;

namespace {

constexpr std::size_t kSlices = 8;
using CrcTables = std::array<std::array<std::uint32_t, 256>, kSlices>;

// Table k says what a byte does to the checksum that is followed by k zero bytes, so that eight bytes can be
// taken at a time ("slicing by 8": Kounavis and Berry 2005): one at a time costs more than all else here.
constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) {
      c = (c & 1) != 0 ? 0xEDB88320U ^ (c >> 1) : c >> 1;
    }
    tables[0][i] = c;
  }
  for (std::size_t k = 1; k < kSlices; ++k) {
    for (std::uint32_t i = 0; i < 256; ++i) {
      const std::uint32_t before = tables[k - 1][i];
      tables[k][i] = tables[0][before & 0xFFU] ^ (before >> 8);
    }
  }
  return tables;
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
  static constexpr CrcTables kTables = make_crc_tables();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (; bytes >= kSlices; bytes -= kSlices, data += kSlices) {
    std::uint64_t word = 0;  // little endian, as the spool
    std::memcpy(&word, data, sizeof(word));
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < kSlices; ++k) {
      crc ^= kTables[kSlices - 1 - k][(word >> (8 * k)) & 0xFFU];
    }
  }
  for (; bytes > 0; --bytes, ++data) {
    crc = kTables[0][(crc ^ static_cast<std::uint32_t>(*data)) & 0xFFU] ^ (crc >> 8);
  }
  return crc ^ 0xFFFFFFFFU;
}

SpoolWriter::~SpoolWriter() { abandon(); }

bool SpoolWriter::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
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
  if (const auto known = names_.find(text); known != names_.end()) {
    return known->second;
  }
  const auto id = static_cast<std::uint32_t>(names_.size() + 1);
  names_.emplace(text, id);
  gather_pair(ChunkKind::kNames, id, text, {});
  write_if_full(ChunkKind::kNames);
  return id;
}

void SpoolWriter::attribute(std::string_view key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  gather_pair(ChunkKind::kAttributes, static_cast<std::uint32_t>(key.size()), key, value);
}

// An entry {u32 first, u32 bytes, a, b}: a name {id, bytes, text} or an attribute {key bytes, value bytes,
// key, value}.
void SpoolWriter::gather_pair(ChunkKind kind, std::uint32_t first, std::string_view a, std::string_view b) {
  const auto second = static_cast<std::uint32_t>(kind == ChunkKind::kNames ? a.size() : b.size());
  gather(kind, &first, sizeof(first));
  gather(kind, &second, sizeof(second));
  gather(kind, a.data(), a.size());
  gather(kind, b.data(), b.size());
  if (fd_ >= 0) {
    ++pending_[static_cast<std::size_t>(kind)].records;
  }
}

void SpoolWriter::append_bytes(ChunkKind kind, const std::byte* data, std::size_t records, std::size_t each) {
  const std::lock_guard lock(mutex_);
  if (fd_ < 0) {
    return;
  }
  gather(kind, data, records * each);
  pending_[static_cast<std::size_t>(kind)].records += static_cast<std::uint32_t>(records);
  write_if_full(kind);
}

void SpoolWriter::gather(ChunkKind kind, const void* data, std::size_t bytes) {
  if (fd_ < 0) {
    return;  // nothing will ever be written: gather nothing
  }
  Pending& pending = pending_[static_cast<std::size_t>(kind)];
  if (pending.bytes.empty()) {
    pending.bytes.resize(sizeof(spool::ChunkHeader));
  }
  const auto* from = static_cast<const std::byte*>(data);
  pending.bytes.insert(pending.bytes.end(), from, from + bytes);
}

void SpoolWriter::write_if_full(ChunkKind kind) {
  if (pending_[static_cast<std::size_t>(kind)].bytes.size() >= kChunkBytes) {
    write_chunk(ChunkKind::kNames);
    write_chunk(kind);
  }
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
  header.payload_bytes = pending.bytes.size() - sizeof(header);
  header.sequence = sequence_++;
  std::memcpy(pending.bytes.data(), &header, sizeof(header));
  header.crc32 =
      crc32(pending.bytes.data() + sizeof(header.crc32), pending.bytes.size() - sizeof(header.crc32));
  std::memcpy(pending.bytes.data(), &header.crc32, sizeof(header.crc32));
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
  flush_locked();
  if (fd_ < 0) {
    return;
  }
  spool::End stamped = end;
  stamped.closed_ns = realtime_ns();
  gather(ChunkKind::kEnd, &stamped, sizeof(stamped));
  pending_[static_cast<std::size_t>(ChunkKind::kEnd)].records = 1;
  write_chunk(ChunkKind::kEnd);
  abandon();
}

void SpoolWriter::abandon() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

bool SpoolWriter::write_all(const std::byte* data, std::size_t bytes) {
  std::size_t done = 0;
  while (fd_ >= 0 && done < bytes) {
    const ssize_t written = ::write(fd_, data + done, bytes - done);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      const int error = written < 0 ? errno : ENOSPC;
      write_error_ = error;
      static_cast<void>(::ftruncate(fd_, static_cast<off_t>(written_)) ==
                        0);  // the reader stands a cut chunk
      abandon();
      errno = error;
      return false;
    }
    done += static_cast<std::size_t>(written);
  }
  written_ += done;
  return done == bytes;
}

}  // namespace hopsim::collect
