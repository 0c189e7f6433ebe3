// SPDX-License-Identifier: Apache-2.0
// One recording of one process: subscribes to CUPTI, takes its buffers, writes the spool, and ends in order.
// A thread of its own asks CUPTI for finished buffers at each period and puts everything on disk, so that a
// killed process loses at most a period and the buffer that CUPTI was filling. What is lost is counted into
// the spool.
//
// Rule against deadlock: no mutex of ours is held while CUPTI is called, because CUPTI calls back with its
// own held. A session is never destroyed: CUPTI and the program's other threads may call it up to the last
// instruction of the process.
#pragma once

#include <cupti.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/spool_writer.hpp"
#include "cupti/activities.hpp"
#include "cupti/buffer_pool.hpp"
#include "cupti/decode.hpp"
#include "cupti/nvtx_ranges.hpp"
#include "cupti/settings.hpp"

namespace hopsim::collect {

/// How CUPTI reaches the session.
struct CuptiEntryPoints {
  CUpti_CallbackFunc callback = nullptr;
  CUpti_BuffersCallbackRequestFunc request = nullptr;
  CUpti_BuffersCallbackCompleteFunc complete = nullptr;
};

/// One line on stderr, "hopsim: ...".
void complain(std::string_view text) noexcept;

class Session {
 public:
  explicit Session(Settings settings);

  /// Where it fails, nothing is recorded, and why stands on stderr and, if that could be created, in the
  /// spool.
  void start(const CuptiEntryPoints& entries);
  /// Stops recording, fetches the rest and closes the spool; once.
  void finish();
  /// In the child of a fork: leaves the parent's spool alone.
  void abandon() { writer_.abandon(); }

  std::uint8_t* buffer();
  [[nodiscard]] std::size_t buffer_bytes() const { return pool_.buffer_bytes(); }
  void take(std::uint8_t* buffer, std::size_t valid_bytes);
  void on_callback(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data);
  /// Something of ours went wrong in a callback.
  void count_internal_error() { ++internal_errors_; }

 private:
  bool open_spool();
  void write_attributes();
  std::string subscribe(CUpti_CallbackFunc callback);
  std::string enable(const CuptiEntryPoints& entries);
  std::string enable_callbacks();
  void fail(const std::string& reason);
  void start_thread();
  void run();
  void flush(bool forced);
  void stop_if_full();
  void write_batch(Batch& batch);
  void limit_gpu_records(Batch& batch);
  void add_dropped();
  void write_driver_facts();
  void write_clock();
  void write_counts(bool all);
  void add_graph_node(const CUpti_GraphData& data, bool cloned);
  void on_fatal(const CUpti_StateData& data);
  std::unique_ptr<Decoder> borrow_decoder();
  void give_back(std::unique_ptr<Decoder> decoder);

  static constexpr std::size_t kCounts = static_cast<std::size_t>(spool::CountKind::kCuptiErrors) + 1;

  const Settings settings_;
  std::string path_;
  SpoolWriter writer_;
  BufferPool pool_;
  Activities activities_;
  CuptiErrors errors_;
  NvtxRanges ranges_;
  CUpti_SubscriberHandle subscriber_ = nullptr;

  std::mutex decoders_mutex_;
  std::vector<std::unique_ptr<Decoder>> decoders_;

  std::mutex wake_mutex_;  // stop_ only
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;

  std::atomic<bool> finished_ = false;
  std::atomic<bool> cupti_dead_ = false;  // CUPTI gave up and finalised itself
  std::atomic<bool> graph_nodes_seen_ = false;
  bool driver_facts_written_ = false;  // of the flushing thread, then of the one that finishes
  std::array<std::uint64_t, kCounts> counts_written_{};
  std::atomic<std::uint64_t> kernels_ = 0, api_calls_ = 0, gpu_records_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0, no_timestamps_ = 0, host_no_timestamps_ = 0, unknown_ = 0,
                             beyond_limit_ = 0;
  std::atomic<std::uint64_t> internal_errors_ = 0;
};

}  // namespace hopsim::collect
