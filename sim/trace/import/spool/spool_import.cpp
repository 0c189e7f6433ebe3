// SPDX-License-Identifier: Apache-2.0
#include "trace/import/spool/spool_import.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <set>

#include "base/errors.hpp"
#include "io/gzip_source.hpp"
#include "trace/import/spool/clock_check.hpp"
#include "trace/import/spool/merge.hpp"
#include "trace/import/spool/spool_file.hpp"

namespace hopsim::trace::spool_import {

namespace {

constexpr double kToleratedLoss = 1e-3;  // of the kernels; above it what is left says little
constexpr std::size_t kLongestAttribute = 4096;

// Attributes that the import itself sets, and the ones that say that the library could not start.
const std::set<std::string>& reserved() {
  static const std::set<std::string> kReserved = {
      "format",       "version", "provenance",         "source_format",   "input", "input_bytes",
      "input_sha256", "gpu",     "time_resolution_ns", "dropped_records", "error", ""};
  return kReserved;
}

// What the collector calls otherwise than captures of other tools do.
const std::string& attribute_name(const std::string& key) {
  static const std::map<std::string, std::string> kNames = {{"driver_version", "driver"},
                                                            {"cuda_version", "cuda_driver"},
                                                            {"cupti_runtime_version", "cupti_runtime"},
                                                            {"cupti_header_version", "cupti_header"}};
  const auto found = kNames.find(key);
  return found != kNames.end() ? found->second : key;
}

class Importer {
 public:
  explicit Importer(const std::vector<std::string>& paths) : merger_(draft_) {
    draft_.path =
        paths.size() == 1 ? paths.front() : std::filesystem::path(paths.front()).parent_path().string();
    for (const std::string& path : paths) {
      if (paths.size() > 1 && std::filesystem::file_size(path) == 0) {
        draft_.quality.loss("spool_empty", "a process that was killed before it wrote anything");
      } else {
        order_.emplace_back(read_spool_header(path).opened_ns, path);
      }
    }
    std::sort(order_.begin(), order_.end());
  }

  Draft run() {
    for (const auto& [ignored, path] : order_) {
      add(read_spool(path));
    }
    Trace& trace = draft_.trace;
    if (trace.kernels.empty() && trace.memory_ops.empty() && !error_.empty()) {
      throw InputError(Location{draft_.path}, "nothing was captured: " + error_);
    }
    std::sort(trace.power.begin(), trace.power.end(), [](const PowerSample& a, const PowerSample& b) {
      return std::tuple(a.t_ns, a.device) < std::tuple(b.t_ns, b.device);
    });
    count_losses();
    describe();
    return std::move(draft_);
  }

 private:
  void add(const SpoolFile& file) {
    merger_.add(file);
    bytes_ += file.bytes;
    if (const auto error = file.attributes.find("error"); error != file.attributes.end()) {
      error_ = error_.empty() ? error->second : error_;
      draft_.quality.loss("process_not_captured", "a process in which the library could not start");
    }
    for (const auto& [key, value] : file.attributes) {
      if (!reserved().contains(key)) {
        attributes_.emplace(attribute_name(key), value);
      }
    }
    for (const auto& [kind, value] : file.counts) {
      counts_[kind] += static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::uint64_t{1} << 48U));
    }
    if (file.has_gpu_work() && first_opened_ns_ == 0) {
      first_opened_ns_ = file.header.opened_ns;
    }
    check_file(file);
    check_clock(file);
  }

  void check_file(const SpoolFile& file) {
    Quality& quality = draft_.quality;
    if (!file.damage.empty()) {
      quality.error("spool_damaged", fmt::format("what follows the damage is lost: {} ({})", file.damage,
                                                 std::filesystem::path(file.path).filename().string()));
    } else if (!file.complete) {
      quality.loss("spool_incomplete", "no trailer: the process was killed; its last records are missing");
    }
    if (file.cut_off) {
      quality.loss("spool_cut_off", "ends within a chunk");
    }
    quality.info("spool_unknown_chunks", "of kinds that a later collector writes", file.unknown_chunks);
  }

  void check_clock(const SpoolFile& file) {
    const ClockMoves moves = clock_moves(file.clocks);
    const auto largest = static_cast<double>(moves.largest_ns) * 1e-3;
    draft_.quality.info("clock_slewed",
                        fmt::format("the real-time clock was adjusted by more than 100 us between two looks, "
                                    "at most {:.0f} us; durations are off by less than 0.05 %",
                                    largest),
                        moves.slews);
    draft_.quality.error(
        "clock_stepped",
        fmt::format("the real-time clock jumped, by up to {:.0f} us: times across it are wrong", largest),
        moves.steps);
  }

  [[nodiscard]] std::int64_t count(spool::CountKind kind) const {
    const auto found = counts_.find(kind);
    return found != counts_.end() ? found->second : 0;
  }

  // A loss; an error where it is more than 0.1 % of all there was.
  void lose(const char* name, const char* help, std::int64_t n, std::size_t kept) {
    if (static_cast<double>(n) > kToleratedLoss * (static_cast<double>(n) + static_cast<double>(kept))) {
      draft_.quality.error(name, std::string(help) + "; more than 0.1 % of all", n);
    } else {
      draft_.quality.loss(name, help, n);
    }
  }

  void count_losses() {
    using spool::CountKind;
    const Trace& trace = draft_.trace;
    const std::size_t kernels = trace.kernels.size();
    lose("kernel_without_time", "CUPTI did not collect its start and end",
         merger_.kernels_without_time() + count(CountKind::kNoTimestamps), kernels);
    lose("dropped_by_cupti", "CUPTI had no buffer for the record", count(CountKind::kDropped),
         kernels + trace.calls.size() + trace.memory_ops.size());
    Quality& quality = draft_.quality;
    quality.info("unknown_records", "of kinds that the collector did not ask for",
                 count(CountKind::kUnknownRecords));
    quality.loss("stopped_at_buffer_limit", "collection stopped: too many buffers were in use",
                 count(CountKind::kBufferLimit));
    quality.loss("stopped_at_record_limit", "collection stopped: too many records",
                 count(CountKind::kRecordLimit));
    quality.loss("host_record_without_time", "a call, wait, marker or overhead whose time was not collected",
                 count(CountKind::kHostNoTimestamps));
    quality.loss("cupti_errors", "calls of CUPTI that failed: records may be missing",
                 count(CountKind::kCuptiErrors));
  }

  void describe() {
    Trace& trace = draft_.trace;
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) {
        attributes_.try_emplace(name, value);
      }
    };
    add("provenance", "measured");
    add("source_format", "hopsim-spool");
    add("input_bytes", std::to_string(bytes_));
    add("dropped", std::to_string(count(spool::CountKind::kDropped)));
    add("processes", std::to_string(merger_.processes()));
    const std::int64_t used = trace.kernels.empty() ? 0 : trace.kernels.front().device;
    const Device* gpu = nullptr;
    for (const Device& d : trace.devices) {
      gpu = d.id == used ? &d : gpu;
    }
    add("gpu", gpu != nullptr && !gpu->name.empty() ? gpu->name : "unknown");
    add("gpu_uuid", gpu != nullptr ? gpu->uuid : "");
    if (first_opened_ns_ > 0) {
      add("utc", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                             fmt::gmtime(static_cast<std::time_t>(first_opened_ns_ / 1'000'000'000))));
    }
    for (const auto& [key, value] : attributes_) {
      trace.attributes.emplace_back(key, value.substr(0, kLongestAttribute));
    }
  }

  Draft draft_;
  Merger merger_;
  std::vector<std::pair<std::int64_t, std::string>> order_;  // by the time of opening
  std::map<std::string, std::string> attributes_;
  std::map<spool::CountKind, std::int64_t> counts_;
  std::string error_;
  std::size_t bytes_ = 0;
  std::int64_t first_opened_ns_ = 0;
};

}  // namespace

bool is_spool(const std::string& path) {
  std::array<char, 8> magic{};
  try {
    io::GzipSource source(path);
    return source.read(magic.data(), magic.size()) == magic.size() && magic == spool::kMagic;
  } catch (const InputError&) {
    return false;  // damaged gzip: whoever reads it whole says so
  }
}

std::vector<std::string> spools_in(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() &&
        (name.ends_with(spool::kSuffix) || name.ends_with(std::string(spool::kSuffix) + ".gz"))) {
      out.push_back(entry.path().string());
    }
  }
  if (out.empty()) {
    throw InputError(Location{folder}, "is a folder without spools",
                     "*.hopspool or *.hopspool.gz, as hopsim-collect writes them");
  }
  std::sort(out.begin(), out.end());
  return out;
}

Draft read_spools(const std::vector<std::string>& paths) { return Importer(paths).run(); }

}  // namespace hopsim::trace::spool_import
