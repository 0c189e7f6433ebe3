// SPDX-License-Identifier: Apache-2.0
#include "trace/range_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_set>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace hopsim::trace {

namespace {

constexpr std::size_t kMostSuggestions = 20;

// Times that do not overlap, in order.
class Windows {
 public:
  // In the order of their start.
  void add(std::int64_t start, std::int64_t end) {
    if (!ends_.empty() && start <= ends_.back()) {
      ends_.back() = std::max(ends_.back(), end);
    } else {
      starts_.push_back(start);
      ends_.push_back(end);
    }
  }

  [[nodiscard]] bool contains(std::int64_t t) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), t);
    return after != starts_.begin() && t <= ends_[static_cast<std::size_t>(after - starts_.begin()) - 1];
  }

 private:
  std::vector<std::int64_t> starts_, ends_;
};

class Filter {
 public:
  Filter(Trace& trace, const std::string& name, const std::string& path) : trace_(trace) {
    const auto found = std::find(trace.names.begin(), trace.names.end(), name);
    const std::int64_t id = found - trace.names.begin();
    std::set<std::string> others;
    for (const Range& r : trace.ranges) {  // by start, parents before children
      const bool named = found != trace.names.end() && r.name_id == id;
      inside_.push_back(named || (r.parent != kNone && inside_[static_cast<std::size_t>(r.parent)]));
      if (named) {
        threads_[r.thread].add(r.start_ns, r.start_ns + r.duration_ns);
        any_.add(r.start_ns, r.start_ns + r.duration_ns);
      } else if (others.size() < kMostSuggestions) {
        others.insert(trace.names[static_cast<std::size_t>(r.name_id)]);
      }
    }
    if (threads_.empty()) {
      throw InputError(
          Location{path}, fmt::format("no range is named '{}'", name),
          others.empty() ? "the capture has no ranges" : suggestion(name, {others.begin(), others.end()}));
    }
  }

  void run() {
    std::erase_if(trace_.calls, [&](const ApiCall& c) {
      const auto thread = threads_.find(c.thread);
      const bool kept = thread != threads_.end() && thread->second.contains(c.start_ns);
      if (kept && c.correlation != kNone) {
        correlations_.insert(c.correlation);
      }
      return !kept;
    });
    std::erase_if(trace_.memory_ops,
                  [&](const MemoryOp& m) { return !correlations_.contains(m.correlation); });
    std::erase_if(trace_.syncs, [&](const Sync& s) { return !correlations_.contains(s.correlation); });
    const auto outside = [&](const auto& r) { return !any_.contains(r.start_ns); };
    std::erase_if(trace_.overhead, outside);
    std::erase_if(trace_.power, [&](const PowerSample& p) { return !any_.contains(p.t_ns); });
    filter_ranges();
    filter_kernels();
    start_at_zero();
  }

 private:
  void filter_ranges() {
    moved_.assign(trace_.ranges.size(), kNone);
    std::vector<Range> kept;
    for (std::size_t i = 0; i < trace_.ranges.size(); ++i) {
      if (inside_[i]) {
        Range r = trace_.ranges[i];
        r.parent = moved(r.parent);
        moved_[i] = static_cast<std::int64_t>(kept.size());
        kept.push_back(r);
      }
    }
    trace_.ranges = std::move(kept);
  }

  void filter_kernels() {
    std::vector<std::int64_t> new_index(trace_.kernels.size(), kNone);
    std::vector<Kernel> kept;
    for (std::size_t i = 0; i < trace_.kernels.size(); ++i) {
      Kernel k = trace_.kernels[i];
      k.range_id = moved(k.range_id);
      if (k.range_id != kNone || (k.correlation != kNone && correlations_.contains(k.correlation))) {
        new_index[i] = static_cast<std::int64_t>(kept.size());
        kept.push_back(k);
      }
    }
    trace_.kernels = std::move(kept);
    for (Shape& s : trace_.shapes) {
      s.kernel = new_index[static_cast<std::size_t>(s.kernel)];
      s.range_id = moved(s.range_id);
    }
    std::erase_if(trace_.shapes, [](const Shape& s) { return s.kernel == kNone || s.range_id == kNone; });
  }

  [[nodiscard]] std::int64_t moved(std::int64_t range) const {
    return range == kNone ? kNone : moved_[static_cast<std::size_t>(range)];
  }

  void start_at_zero() {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    const auto each = [&](const auto& action) {
      const auto all = [&](auto& records) {
        for (auto& r : records) {
          action(r.start_ns);
        }
      };
      all(trace_.kernels);
      all(trace_.calls);
      all(trace_.memory_ops);
      all(trace_.syncs);
      all(trace_.ranges);
      all(trace_.overhead);
    };
    each([&](std::int64_t t) { first = std::min(first, t); });
    each([&](std::int64_t& t) { t -= first; });
    for (PowerSample& p : trace_.power) {
      p.t_ns -= first;
    }
  }

  Trace& trace_;
  std::vector<bool> inside_;                 // one a range
  std::map<std::int64_t, Windows> threads_;  // of the named ranges
  Windows any_;                              // of all threads
  std::unordered_set<std::int64_t> correlations_;
  std::vector<std::int64_t> moved_;  // new rows of the ranges
};

}  // namespace

Trace only_in_range(Trace trace, const std::string& name, const std::string& path) {
  Filter(trace, name, path).run();
  if (trace.kernels.empty() && trace.memory_ops.empty()) {
    throw InputError(Location{path}, fmt::format("nothing ran on a device inside range '{}'", name));
  }
  trace.attributes.emplace_back("range", name);
  std::sort(trace.attributes.begin(), trace.attributes.end());
  return trace;
}

}  // namespace hopsim::trace
