// SPDX-License-Identifier: Apache-2.0
#include "cupti/session.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <optional>
#include <span>
#include <system_error>

#include "cupti/driver_facts.hpp"

namespace hopsim::collect {

using spool::ChunkKind;
using spool::CountKind;

namespace {

constexpr std::size_t kBufferBytes = std::size_t{2} << 20;  // NVIDIA advises 1 to 10 MB
constexpr std::size_t kMostBuffers = 128;

std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Session::Session(Settings settings) : settings_(std::move(settings)), pool_(kBufferBytes, kMostBuffers) {}

// The program's signals are for its own threads.
void Session::start_thread() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Session::run() {
  std::unique_lock lock(wake_mutex_);
  while (!wake_.wait_for(lock, settings_.flush_period, [this] { return stop_; })) {
    lock.unlock();
    try {
      flush(false);
    } catch (...) {
      count_internal_error();
    }
    lock.lock();
  }
}

void Session::finish() {
  if (finished_.exchange(true)) {
    return;
  }
  {
    const std::lock_guard lock(wake_mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (!cupti_dead_) {
    activities_.disable(errors_);
  }
  flush(true);
  write_counts(true);
  if (!settings_.graph_trace && !graph_nodes_seen_) {
    writer_.attribute("graph_mode", "eager");
  }
  writer_.close({0, kernels_, api_calls_});
  if (const int error = writer_.write_error(); error != 0) {
    complain(path_ + " ends early: " + std::generic_category().message(error));
  }
}

void Session::flush(bool forced) {
  if (!cupti_dead_) {
    stop_if_full();
    errors_.check(cuptiActivityFlushAll(forced ? CUPTI_ACTIVITY_FLAG_FLUSH_FORCED : 0),
                  "cuptiActivityFlushAll");
    add_dropped();
    write_driver_facts();
    write_clock();
  }
  write_counts(false);
  writer_.flush();
}

// Not where the limit is found, because that is inside a callback of CUPTI.
void Session::stop_if_full() {
  if (beyond_limit_ > 0 || pool_.beyond_limit() > 0 || writer_.write_error() != 0) {
    activities_.disable(errors_);
  }
}

std::uint8_t* Session::buffer() { return pool_.take(); }

void Session::take(std::uint8_t* buffer, std::size_t valid_bytes) {
  std::unique_ptr<Decoder> decoder = borrow_decoder();
  Batch& batch = decoder->decode(buffer, valid_bytes);
  pool_.give_back(buffer);
  write_batch(batch);
  give_back(std::move(decoder));
  add_dropped();
}

void Session::write_batch(Batch& batch) {
  limit_gpu_records(batch);
  no_timestamps_ += batch.no_timestamps;
  host_no_timestamps_ += batch.host_no_timestamps;
  unknown_ += batch.unknown;
  kernels_ += batch.kernels.size();
  api_calls_ += batch.api_calls.size();
  if (!graph_nodes_seen_) {
    for (const spool::Kernel& kernel : batch.kernels) {
      if (kernel.graph != 0 && !settings_.graph_trace && !graph_nodes_seen_.exchange(true)) {
        writer_.attribute("graph_mode", "node");
        break;
      }
    }
  }
  const auto write = [this](ChunkKind kind, const auto& records) {
    if (!records.empty()) {
      writer_.append_all(kind, std::span(records));
    }
  };
  write(ChunkKind::kKernels, batch.kernels);
  write(ChunkKind::kApiCalls, batch.api_calls);
  write(ChunkKind::kMemoryOps, batch.memory_ops);
  write(ChunkKind::kSyncs, batch.syncs);
  write(ChunkKind::kMarkers, batch.markers);
  write(ChunkKind::kOverheads, batch.overheads);
  write(ChunkKind::kDevices, batch.devices);
  write(ChunkKind::kContexts, batch.contexts);
  write(ChunkKind::kStreams, batch.streams);
  write(ChunkKind::kGraphTraces, batch.graph_traces);
}

void Session::limit_gpu_records(Batch& batch) {
  const std::uint64_t before = gpu_records_.fetch_add(batch.gpu_records());
  if (before + batch.gpu_records() > settings_.max_records) {
    const std::uint64_t left = settings_.max_records - std::min(before, settings_.max_records);
    beyond_limit_ += batch.keep_gpu_records(left);
  }
}

// The counter of CUPTI starts anew when it is read.
void Session::add_dropped() {
  std::size_t dropped = 0;
  if (errors_.check(cuptiActivityGetNumDroppedRecords(nullptr, 0, &dropped),
                    "cuptiActivityGetNumDroppedRecords")) {
    dropped_ += dropped;
  }
}

void Session::write_driver_facts() {
  if (driver_facts_written_) {
    return;
  }
  const std::optional<DriverFacts> facts = driver_facts();
  if (!facts) {
    return;
  }
  driver_facts_written_ = true;
  writer_.attribute("cuda_version", facts->cuda_version);
  if (facts->unsupported > 0) {
    writer_.attribute("unsupported_devices", facts->unsupported_devices);
  }
  if (facts->unsupported > 0 && facts->unsupported == facts->devices) {
    const std::string reason = "CUPTI does not support this GPU: nothing can be recorded";
    writer_.attribute("error", reason);
    complain(reason);
  }
}

void Session::write_clock() {
  std::uint64_t cupti = 0;
  if (errors_.check(cuptiGetTimestamp(&cupti), "cuptiGetTimestamp")) {
    writer_.append(ChunkKind::kClocks, spool::Clock{static_cast<std::int64_t>(cupti),
                                                    clock_ns(CLOCK_REALTIME), clock_ns(CLOCK_MONOTONIC_RAW)});
  }
}

void Session::write_counts(bool all) {
  const auto write = [&](CountKind kind, std::uint64_t value) {
    std::uint64_t& written = counts_written_[static_cast<std::size_t>(kind)];
    if (all || value != written) {
      writer_.append(ChunkKind::kCounts, spool::Count{kind, 0, value});
      written = value;
    }
  };
  write(CountKind::kDropped, dropped_);
  write(CountKind::kNoTimestamps, no_timestamps_);
  write(CountKind::kHostNoTimestamps, host_no_timestamps_);
  write(CountKind::kUnknownRecords, unknown_);
  write(CountKind::kBufferLimit, pool_.beyond_limit());
  write(CountKind::kRecordLimit, beyond_limit_);
  write(CountKind::kCuptiErrors, errors_.count() + internal_errors_);
  if (all && errors_.count() > 0) {
    writer_.attribute("cupti_error", errors_.first());
  }
}

std::unique_ptr<Decoder> Session::borrow_decoder() {
  {
    const std::lock_guard lock(decoders_mutex_);
    if (!decoders_.empty()) {
      std::unique_ptr<Decoder> decoder = std::move(decoders_.back());
      decoders_.pop_back();
      return decoder;
    }
  }
  return std::make_unique<Decoder>([this](std::string_view text) { return writer_.name(text); });
}

void Session::give_back(std::unique_ptr<Decoder> decoder) {
  const std::lock_guard lock(decoders_mutex_);
  decoders_.push_back(std::move(decoder));
}

}  // namespace hopsim::collect
