// SPDX-License-Identifier: Apache-2.0
// NVTX markers of one process as ranges. CUPTI gives a record when a range opens and one when it closes, with
// one id, in any order of buffers.
#pragma once

#include <span>
#include <vector>

#include "trace/import/spool/spool_format.hpp"

namespace hopsim::trace::spool_import {

struct MarkedRange {
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint32_t thread = 0;  // that opened it
  std::uint32_t name = spool::kNoName;
};

struct MarkedRanges {
  std::vector<MarkedRange> ranges;  // by start, in the order of opening
  std::int64_t unclosed = 0;        // they end at `last_ns`
  std::int64_t unopened = 0;        // closed, never opened: left out
  std::int64_t instants = 0;        // marks without length: left out
};

/// Joins by (id, thread), what is left by id alone: a range may be closed by another thread.
[[nodiscard]] MarkedRanges pair_markers(std::span<const spool::Marker> markers, std::int64_t last_ns);

}  // namespace hopsim::trace::spool_import
