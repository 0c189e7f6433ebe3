// SPDX-License-Identifier: Apache-2.0
// Brings the records of several processes into one draft. CUPTI numbers correlations, contexts and graphs per
// process, streams per context and devices per process (CUDA_VISIBLE_DEVICES), so:
//   correlation, thread, context, graph   the n-th process adds n 2^32
//   stream                                the n-th context on a device adds n 2^32
//   device                                by UUID; without one, by number
// The first process and a device's first context keep their numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "trace/draft.hpp"
#include "trace/import/spool/markers.hpp"
#include "trace/import/spool/spool_file.hpp"

namespace hopsim::trace::spool_import {

class Merger {
 public:
  explicit Merger(Draft& draft) : draft_(draft) {}

  void add(const SpoolFile& file);

  /// Kernels whose times CUPTI did not collect, as far as they are in the spools.
  [[nodiscard]] std::int64_t kernels_without_time() const { return kernels_without_time_; }
  [[nodiscard]] std::int64_t processes() const { return processes_; }

 private:
  void add_devices();
  void add_kernels();
  void add_graph_traces();
  void add_memory_ops();
  void add_calls();
  void add_syncs();
  void add_ranges();
  void assign_graph_ranges();
  void add_overheads();
  void add_power();

  [[nodiscard]] std::int64_t own(std::uint32_t id) const { return id + (process_ << 32U); }
  [[nodiscard]] std::int64_t correlation(std::uint32_t id) const { return id == 0 ? kNone : own(id); }
  [[nodiscard]] std::int64_t device(std::uint32_t id) const;
  [[nodiscard]] std::int64_t stream(std::uint32_t device, std::uint32_t context, std::uint32_t stream);
  [[nodiscard]] const std::string& text(std::uint32_t name) const;
  [[nodiscard]] std::int64_t kernel_name(std::uint32_t name);
  [[nodiscard]] std::int64_t call_name(std::uint32_t name);
  [[nodiscard]] std::uint32_t captured_range(std::uint64_t node) const;
  template <class Op, class Record>
  bool place(const Record& record, Op& op);

  Draft& draft_;
  std::int64_t processes_ = 0, kernels_without_time_ = 0;
  std::map<std::int64_t, std::int64_t> contexts_on_device_;  // device -> contexts seen

  // Of the process that is being added.
  struct OpenRange {
    std::int64_t start_ns = 0, index = 0;
  };
  const SpoolFile* file_ = nullptr;
  std::int64_t process_ = 0;
  std::size_t first_kernel_ = 0;
  std::unordered_map<std::uint32_t, std::int64_t> devices_, context_device_, kernel_names_, call_names_;
  std::unordered_map<std::uint64_t, std::int64_t> stream_offsets_;  // (device, context)
  std::unordered_map<std::uint64_t, const spool::GraphNode*> nodes_;
  std::unordered_map<std::uint32_t, std::vector<OpenRange>> ranges_by_name_;
};

}  // namespace hopsim::trace::spool_import
