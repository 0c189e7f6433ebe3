// SPDX-License-Identifier: Apache-2.0
// seed_spool FILE: a small spool with every kind of chunk, to begin fuzzing with.
#include "core/spool_writer.hpp"

int main(int argc, char** argv) {
  using namespace hopsim;  // NOLINT: one function
  collect::SpoolWriter writer;
  if (argc != 2 || !writer.open(argv[1])) {
    return 2;
  }
  constexpr std::int64_t kAt = 1'700'000'000'000'000'000;
  writer.attribute("graph_mode", "node");
  const std::uint32_t name = writer.name("_Z4gemmPf"), range = writer.name("hop=1;layer=2");
  using spool::ChunkKind;
  writer.append(ChunkKind::kDevices, spool::Device{0, name, {1}, 1, 1, 132, 1, 1, 9, 0});
  writer.append(ChunkKind::kContexts, spool::Context{1, 0, 7, 0});
  writer.append(ChunkKind::kStreams, spool::Stream{7, 1, 0, 0});
  for (std::uint32_t i = 1; i < 4; ++i) {
    const std::int64_t at = kAt + i * 100'000;
    writer.append(ChunkKind::kMarkers, spool::Marker{at - 5000, i, 1, 2, range, 0, 1});
    writer.append(ChunkKind::kMarkers, spool::Marker{at + 5000, i, 1, 2, 0, 0, 2});
    writer.append(ChunkKind::kApiCalls, spool::ApiCall{at, at + 4000, 1, 2, i, name, 0, 0});
    writer.append(ChunkKind::kKernels,
                  spool::Kernel{at + 9000, at + 30'000, 40 + i, 0, 1, 7, i, 3, name, {1, 1, 1}, {32, 1, 1}});
    writer.append(ChunkKind::kMemoryOps, spool::MemoryOp{at + 40'000, at + 50'000, 64, 0, 0, 1, 7, i, 0,
                                                         spool::MemoryOpKind::kCopy, 1});
    writer.append(ChunkKind::kSyncs, spool::Sync{at + 50'000, at + 60'000, 3, 1, 7, i, 0, 0});
    writer.append(ChunkKind::kOverheads, spool::Overhead{at, at + 10, 1, 1, 2, 0});
    writer.append(ChunkKind::kClocks, spool::Clock{at, at, at - kAt});
    writer.append(ChunkKind::kPower, spool::Power{at, 10, 0, 300'000, 1980, 2619, 45, 0, 0});
    writer.append(ChunkKind::kGraphTraces, spool::GraphTrace{at + 70'000, at + 80'000, 0, 1, 7, i, 3, 0});
    writer.append(ChunkKind::kGraphNodes, spool::GraphNode{40 + i, 39 + i, 3, range});
    writer.append(ChunkKind::kCounts, spool::Count{spool::CountKind::kDropped, 0, i});
  }
  writer.close({});
  return 0;
}
