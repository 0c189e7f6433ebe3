// SPDX-License-Identifier: Apache-2.0
// One spool, plain or gzip, as it lies on disk. Reading stops at the first thing that is wrong; everything
// before it counts, and `damage` says what was wrong: the process was killed while it wrote, or the file was
// harmed later.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "trace/import/spool/spool_format.hpp"

namespace hopsim::trace::spool_import {

struct SpoolFile {
  std::string path;
  spool::FileHeader header;
  std::unordered_map<std::uint32_t, std::string> names;
  std::map<std::string, std::string> attributes;  // of a key that is written again, the last value
  std::vector<spool::Kernel> kernels;
  std::vector<spool::ApiCall> calls;
  std::vector<spool::MemoryOp> memory_ops;
  std::vector<spool::Sync> syncs;
  std::vector<spool::Marker> markers;
  std::vector<spool::Overhead> overheads;
  std::vector<spool::Device> devices;
  std::vector<spool::Context> contexts;
  std::vector<spool::Clock> clocks;
  std::vector<spool::Power> power;
  std::vector<spool::GraphTrace> graph_traces;
  std::vector<spool::GraphNode> graph_nodes;
  std::map<spool::CountKind, std::uint64_t> counts;
  std::int64_t unknown_chunks = 0;
  std::size_t bytes = 0;  // uncompressed
  bool complete = false;  // it ends with a trailer
  bool cut_off = false;   // it ends within a chunk
  std::string damage;     // what is wrong beyond that; empty where nothing is

  [[nodiscard]] bool has_gpu_work() const {
    return !kernels.empty() || !memory_ops.empty() || !graph_traces.empty();
  }
};

/// The header alone. Throws InputError: no spool, another version, cut off within the header.
[[nodiscard]] spool::FileHeader read_spool_header(const std::string& path);

/// Throws InputError as above; damage behind the header is no error.
[[nodiscard]] SpoolFile read_spool(const std::string& path);

}  // namespace hopsim::trace::spool_import
