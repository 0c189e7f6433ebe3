// SPDX-License-Identifier: Apache-2.0
#include "core/spool_scan.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "trace/import/spool/spool_format.hpp"

namespace hopsim::collect {

using spool::ChunkKind;

namespace {

constexpr std::uint64_t kMostPayload = std::uint64_t{1} << 26U;

void take_attributes(std::string_view bytes, std::uint32_t records, SpoolScan& out) {
  for (std::uint32_t i = 0; i < records; ++i) {
    std::array<std::uint32_t, 2> sizes{};
    if (bytes.size() < sizeof(sizes)) {
      return;
    }
    std::memcpy(sizes.data(), bytes.data(), sizeof(sizes));
    bytes.remove_prefix(sizeof(sizes));
    if (bytes.size() < std::uint64_t{sizes[0]} + sizes[1]) {
      return;
    }
    out.attributes[std::string(bytes.substr(0, sizes[0]))] = bytes.substr(sizes[0], sizes[1]);
    bytes.remove_prefix(std::size_t{sizes[0]} + sizes[1]);
  }
}

void take_devices(std::string_view bytes, SpoolScan& out) {
  for (; bytes.size() >= sizeof(spool::Device); bytes.remove_prefix(sizeof(spool::Device))) {
    spool::Device device;
    std::memcpy(static_cast<void*>(&device), bytes.data(), sizeof(device));
    out.gpus.push_back(device.uuid);
  }
}

void take(const spool::ChunkHeader& header, std::string_view payload, SpoolScan& out) {
  switch (header.kind) {
    case ChunkKind::kKernels:
    case ChunkKind::kMemoryOps:
    case ChunkKind::kGraphTraces:
      out.gpu_records += header.records;
      break;
    case ChunkKind::kAttributes:
      take_attributes(payload, header.records, out);
      break;
    case ChunkKind::kDevices:
      take_devices(payload, out);
      break;
    case ChunkKind::kEnd:
      out.complete = true;
      break;
    default:
      break;
  }
}

}  // namespace

std::optional<SpoolScan> scan_spool(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  spool::FileHeader file_header;
  if (!file.read(reinterpret_cast<char*>(&file_header), sizeof(file_header)) ||
      file_header.magic != spool::kMagic || file_header.version != spool::kVersion) {
    return std::nullopt;
  }
  SpoolScan out;
  std::string payload;
  spool::ChunkHeader header;
  while (file.read(reinterpret_cast<char*>(&header), sizeof(header)) &&
         header.payload_bytes <= kMostPayload) {
    payload.resize(static_cast<std::size_t>(header.payload_bytes));
    if (!file.read(payload.data(), static_cast<std::streamsize>(payload.size()))) {
      break;
    }
    take(header, payload, out);
  }
  return out;
}

std::vector<std::string> spools_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == spool::kSuffix) {
      out.push_back(entry.path().string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace hopsim::collect
