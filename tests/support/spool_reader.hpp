// SPDX-License-Identifier: Apache-2.0
// Reads a spool back for tests, strictly: a wrong magic, checksum or sequence throws, a cut-off end does not.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "trace/import/spool/spool_format.hpp"

namespace hopsim::test {

struct SpoolFile {
  spool::FileHeader header;
  bool complete = false;  // has its trailer, and nothing after it
  spool::End end;
  std::size_t chunks = 0;
  std::size_t cut_off_bytes = 0;  // after the last whole chunk
  std::map<std::uint32_t, std::string> names;
  std::map<std::string, std::string> attributes;
  std::map<spool::ChunkKind, std::vector<std::byte>> payloads;  // of one kind, joined

  template <class Record>
  [[nodiscard]] std::vector<Record> records(spool::ChunkKind kind) const {
    const auto found = payloads.find(kind);
    std::vector<Record> all(found == payloads.end() ? 0 : found->second.size() / sizeof(Record));
    if (!all.empty()) {
      std::memcpy(all.data(), found->second.data(), all.size() * sizeof(Record));
    }
    return all;
  }
  [[nodiscard]] std::vector<spool::Kernel> kernels() const {
    return records<spool::Kernel>(spool::ChunkKind::kKernels);
  }
  /// The last value of a count; 0 where there is none.
  [[nodiscard]] std::uint64_t count(spool::CountKind kind) const;
};

[[nodiscard]] SpoolFile read_spool(const std::string& path);

/// The spools in a folder, by path.
[[nodiscard]] std::vector<std::string> spools_in(const std::string& folder);

}  // namespace hopsim::test
