// SPDX-License-Identifier: Apache-2.0
#include "trace/import/spool/markers.hpp"

#include <algorithm>
#include <tuple>

namespace hopsim::trace::spool_import {

namespace {

constexpr std::uint32_t kStart = 1, kEnd = 2;

using Pointers = std::vector<const spool::Marker*>;

bool starts(const spool::Marker& m) { return (m.flags & kStart) != 0; }

// Within each run of equal keys: an end closes the latest start that is still open. Returns what is left.
template <class Key>
Pointers pair_by(Pointers markers, std::vector<MarkedRange>& out, Key key) {
  std::stable_sort(markers.begin(), markers.end(), [&](const spool::Marker* a, const spool::Marker* b) {
    return std::tuple(key(*a), a->time_ns, !starts(*a)) < std::tuple(key(*b), b->time_ns, !starts(*b));
  });
  Pointers left, open;
  for (std::size_t i = 0; i < markers.size(); ++i) {
    const spool::Marker& m = *markers[i];
    if (starts(m)) {
      open.push_back(&m);
    } else if (open.empty()) {
      left.push_back(&m);
    } else {
      out.push_back({open.back()->time_ns, m.time_ns, open.back()->thread, open.back()->name});
      open.pop_back();
    }
    if (i + 1 == markers.size() || key(*markers[i + 1]) != key(m)) {
      left.insert(left.end(), open.begin(), open.end());
      open.clear();
    }
  }
  return left;
}

}  // namespace

MarkedRanges pair_markers(std::span<const spool::Marker> markers, std::int64_t last_ns) {
  MarkedRanges out;
  Pointers left;
  left.reserve(markers.size());
  for (const spool::Marker& m : markers) {
    if ((m.flags & (kStart | kEnd)) == 0) {
      ++out.instants;
    } else {
      left.push_back(&m);
    }
  }
  left =
      pair_by(std::move(left), out.ranges, [](const spool::Marker& m) { return std::tuple(m.id, m.thread); });
  left = pair_by(std::move(left), out.ranges, [](const spool::Marker& m) { return m.id; });
  for (const spool::Marker* m : left) {
    if (starts(*m)) {
      ++out.unclosed;
      out.ranges.push_back({m->time_ns, std::max(last_ns, m->time_ns), m->thread, m->name});
    } else {
      ++out.unopened;
    }
  }
  std::stable_sort(out.ranges.begin(), out.ranges.end(), [](const MarkedRange& a, const MarkedRange& b) {
    return std::tuple(a.start_ns, b.end_ns, a.thread) < std::tuple(b.start_ns, a.end_ns, b.thread);
  });
  return out;
}

}  // namespace hopsim::trace::spool_import
