// SPDX-License-Identifier: Apache-2.0
#include "trace/import/spool/spool_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/errors.hpp"
#include "io/gzip_source.hpp"
#include "io/hash.hpp"

namespace hopsim::trace::spool_import {

using spool::ChunkKind;

namespace {

constexpr std::uint64_t kMostPayload = std::uint64_t{1} << 26U;  // the writer's chunks have 2^18 bytes
constexpr std::size_t kPiece = std::size_t{1} << 22U;

template <class T>
char* bytes_of(T& value) {
  return reinterpret_cast<char*>(&value);
}

// Bytes got; fewer than `size` at the end of the file.
std::size_t fill(io::GzipSource& source, char* to, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    const std::size_t n = source.read(to + got, size - got);
    if (n == 0) {
      break;
    }
    got += n;
  }
  return got;
}

spool::FileHeader check_header(io::GzipSource& source) {
  spool::FileHeader header;
  const std::size_t got = fill(source, bytes_of(header), sizeof(header));
  if (got < sizeof(header.magic) || header.magic != spool::kMagic) {
    throw InputError(Location{source.path()}, "is no spool", "a file that the collector wrote");
  }
  if (got < sizeof(header)) {
    throw InputError(Location{source.path()}, "is cut off within its header", "a whole spool");
  }
  if (header.version != spool::kVersion) {
    throw InputError(Location{source.path()}, fmt::format("is a spool of version {}", header.version),
                     fmt::format("readable: version {}", spool::kVersion));
  }
  return header;
}

// Names end up as text in HDF5 and on terminals.
std::string printable(std::string_view bytes) {
  std::string out(bytes);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return out;
}

class Reader {
 public:
  explicit Reader(const std::string& path) : source_(path) {
    out_.path = path;
    out_.header = check_header(source_);
  }

  SpoolFile run() {
    try {
      while (read_chunk()) {
      }
    } catch (const InputError& e) {  // of gzip: what came before is good
      out_.cut_off = true;
    }
    out_.bytes = source_.bytes();
    return std::move(out_);
  }

 private:
  bool damaged(const std::string& what) {
    out_.damage = what;
    out_.complete = false;
    return false;
  }

  bool read_chunk() {
    spool::ChunkHeader header;
    const std::size_t got = fill(source_, bytes_of(header), sizeof(header));
    if (got == 0) {
      return false;
    }
    if (out_.complete) {
      return damaged("something follows the trailer");
    }
    if (got < sizeof(header)) {
      out_.cut_off = true;
      return false;
    }
    if (header.sequence != sequence_) {
      return damaged(fmt::format("chunk {} is numbered {}", sequence_, header.sequence));
    }
    if (header.payload_bytes > kMostPayload) {
      return damaged(fmt::format("chunk {} claims {} bytes", sequence_, header.payload_bytes));
    }
    if (!read_payload(static_cast<std::size_t>(header.payload_bytes))) {
      out_.cut_off = true;
      return false;
    }
    const auto rest = std::as_bytes(std::span(&header, 1)).subspan(sizeof(header.crc32));
    if (io::crc32(payload_, io::crc32(rest)) != header.crc32) {
      return damaged(fmt::format("chunk {} has a wrong checksum", sequence_));
    }
    if (!take(header)) {
      return damaged(fmt::format("chunk {} of kind {} holds other than {} records", sequence_,
                                 static_cast<std::uint32_t>(header.kind), header.records));
    }
    ++sequence_;
    return true;
  }

  // Piece by piece, so that a wrong size costs no more memory than the file has bytes.
  bool read_payload(std::size_t bytes) {
    payload_.clear();
    while (payload_.size() < bytes) {
      const std::size_t old = payload_.size();
      const std::size_t piece = std::min(kPiece, bytes - old);
      payload_.resize(old + piece);
      if (fill(source_, reinterpret_cast<char*>(payload_.data() + old), piece) < piece) {
        return false;
      }
    }
    return true;
  }

  bool take(const spool::ChunkHeader& header) {
    switch (header.kind) {
      case ChunkKind::kNames:
      case ChunkKind::kAttributes:
        return take_texts(header);
      case ChunkKind::kKernels:
        return append(header, out_.kernels);
      case ChunkKind::kApiCalls:
        return append(header, out_.calls);
      case ChunkKind::kMemoryOps:
        return append(header, out_.memory_ops);
      case ChunkKind::kSyncs:
        return append(header, out_.syncs);
      case ChunkKind::kMarkers:
        return append(header, out_.markers);
      case ChunkKind::kOverheads:
        return append(header, out_.overheads);
      case ChunkKind::kDevices:
        return append(header, out_.devices);
      case ChunkKind::kContexts:
        return append(header, out_.contexts);
      case ChunkKind::kStreams:
        return append(header, streams_);  // priorities: nothing of the trace depends on them
      case ChunkKind::kClocks:
        return append(header, out_.clocks);
      case ChunkKind::kPower:
        return append(header, out_.power);
      case ChunkKind::kGraphTraces:
        return append(header, out_.graph_traces);
      case ChunkKind::kGraphNodes:
        return append(header, out_.graph_nodes);
      case ChunkKind::kCounts:
        return take_counts(header);
      case ChunkKind::kEnd:
        out_.complete = header.records == 1 && payload_.size() == sizeof(spool::End);
        return out_.complete;
    }
    ++out_.unknown_chunks;
    return true;
  }

  template <class Record>
  bool append(const spool::ChunkHeader& header, std::vector<Record>& to) {
    if (payload_.size() != std::size_t{header.records} * sizeof(Record)) {
      return false;
    }
    if (header.records > 0) {
      const std::size_t old = to.size();
      to.resize(old + header.records);
      std::memcpy(static_cast<void*>(to.data() + old), payload_.data(), payload_.size());
    }
    return true;
  }

  bool take_counts(const spool::ChunkHeader& header) {
    std::vector<spool::Count> counts;
    if (!append(header, counts)) {
      return false;
    }
    for (const spool::Count& count : counts) {
      out_.counts[count.kind] = count.value;
    }
    return true;
  }

  // Entries {u32, u32, text}: a name {id, bytes, text}, an attribute {key bytes, value bytes, key, value}.
  bool take_texts(const spool::ChunkHeader& header) {
    const std::string_view all(reinterpret_cast<const char*>(payload_.data()), payload_.size());
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < header.records; ++i) {
      std::array<std::uint32_t, 2> head{};
      if (all.size() - at < sizeof(head)) {
        return false;
      }
      std::memcpy(head.data(), all.data() + at, sizeof(head));
      at += sizeof(head);
      const bool name = header.kind == ChunkKind::kNames;
      const std::uint64_t first = name ? 0 : head[0];
      if (all.size() - at < first + head[1]) {
        return false;
      }
      const std::string text = printable(all.substr(at + first, head[1]));
      if (name) {
        out_.names[head[0]] = text;
      } else {
        out_.attributes[printable(all.substr(at, first))] = text;
      }
      at += first + head[1];
    }
    return at == all.size();
  }

  io::GzipSource source_;
  SpoolFile out_;
  std::vector<spool::Stream> streams_;
  std::vector<std::byte> payload_;
  std::uint32_t sequence_ = 0;
};

}  // namespace

spool::FileHeader read_spool_header(const std::string& path) {
  io::GzipSource source(path);
  return check_header(source);
}

SpoolFile read_spool(const std::string& path) { return Reader(path).run(); }

}  // namespace hopsim::trace::spool_import
