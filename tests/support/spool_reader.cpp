// SPDX-License-Identifier: Apache-2.0
#include "support/spool_reader.hpp"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace hopsim::test {

namespace {

/// Takes whole objects and texts off the front of a run of bytes.
class Cursor {
 public:
  explicit Cursor(const std::vector<char>& bytes) : at_(bytes.data()), left_(bytes.size()) {}

  [[nodiscard]] std::size_t left() const { return left_; }
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, advance(sizeof(value)), sizeof(value));
    return value;
  }
  std::string text(std::size_t bytes) { return {advance(bytes), bytes}; }

 private:
  const char* advance(std::size_t bytes) {
    if (bytes > left_) {
      throw std::runtime_error("an entry reaches past its chunk");
    }
    const char* from = at_;
    at_ += bytes;
    left_ -= bytes;
    return from;
  }

  const char* at_;
  std::size_t left_;
};

void read_chunk(SpoolFile& file, const spool::ChunkHeader& chunk, const std::string& payload) {
  const auto* rest = reinterpret_cast<const Bytef*>(&chunk) + sizeof(chunk.crc32);
  const uLong crc = ::crc32(0, rest, sizeof(chunk) - sizeof(chunk.crc32));
  if (::crc32(crc, reinterpret_cast<const Bytef*>(payload.data()), static_cast<uInt>(payload.size())) !=
      chunk.crc32) {
    throw std::runtime_error("a chunk's checksum is wrong");
  }
  if (chunk.sequence != file.chunks++) {
    throw std::runtime_error("a chunk is out of sequence");
  }
  const std::vector<char> bytes(payload.begin(), payload.end());
  Cursor cursor(bytes);
  if (chunk.kind == spool::ChunkKind::kNames) {
    for (std::uint32_t i = 0; i < chunk.records; ++i) {
      const auto id = cursor.take<std::uint32_t>();
      const auto length = cursor.take<std::uint32_t>();
      if (!file.names.emplace(id, cursor.text(length)).second) {
        throw std::runtime_error("a name is defined twice");
      }
    }
  } else if (chunk.kind == spool::ChunkKind::kAttributes) {
    for (std::uint32_t i = 0; i < chunk.records; ++i) {
      const auto key = cursor.take<std::uint32_t>();
      const auto value = cursor.take<std::uint32_t>();
      const std::string name = cursor.text(key);
      file.attributes[name] = cursor.text(value);
    }
  } else {
    auto& joined = file.payloads[chunk.kind];
    const auto* from = reinterpret_cast<const std::byte*>(payload.data());
    joined.insert(joined.end(), from, from + payload.size());
  }
}

}  // namespace

std::uint64_t SpoolFile::count(spool::CountKind kind) const {
  std::uint64_t value = 0;
  for (const spool::Count& count : records<spool::Count>(spool::ChunkKind::kCounts)) {
    value = count.kind == kind ? count.value : value;
  }
  return value;
}

SpoolFile read_spool(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  Cursor cursor(bytes);
  SpoolFile file;
  file.header = cursor.take<spool::FileHeader>();
  if (file.header.magic != spool::kMagic || file.header.version != spool::kVersion) {
    throw std::runtime_error(path + " is not a spool");
  }
  while (cursor.left() >= sizeof(spool::ChunkHeader)) {
    const std::size_t before = cursor.left();
    const auto chunk = cursor.take<spool::ChunkHeader>();
    if (chunk.payload_bytes > cursor.left()) {
      file.cut_off_bytes = before;
      return file;
    }
    read_chunk(file, chunk, cursor.text(chunk.payload_bytes));
    if (chunk.kind == spool::ChunkKind::kEnd) {
      file.end = file.records<spool::End>(spool::ChunkKind::kEnd).front();
      file.complete = cursor.left() == 0;
      return file;
    }
  }
  file.cut_off_bytes = cursor.left();
  return file;
}

std::vector<std::string> spools_in(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == spool::kSuffix) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace hopsim::test
