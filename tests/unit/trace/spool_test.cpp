// SPDX-License-Identifier: Apache-2.0
// What an import makes of spools that are whole.
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "sample.hpp"
#include "spool_sample.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "trace/import/spool/clock_check.hpp"
#include "trace/import/spool/markers.hpp"
#include "trace/range_filter.hpp"
#include "trace/trace_file.hpp"

namespace hopsim::trace {
namespace {

using hopsim::test::input_error;
using hopsim::test::TempDir;
using spool::ChunkKind;
using test::count_of;
using test::import_file;
using test::kEpoch;
using test::SpoolSample;

std::string attribute(const Trace& trace, const std::string& key) {
  for (const auto& [name, value] : trace.attributes) {
    if (name == key) {
      return value;
    }
  }
  return "";
}

std::string name_at(const Trace& t, std::int64_t id) { return t.names.at(static_cast<std::size_t>(id)); }

std::string range_of(const Trace& t, const Kernel& k) {
  return k.range_id == kNone ? "" : name_at(t, t.ranges.at(static_cast<std::size_t>(k.range_id)).name_id);
}

std::int64_t errors_of(const Trace& t) {
  std::int64_t out = 0;
  for (const QualityCount& q : t.quality) {
    out += q.severity == "error" ? q.count : 0;
  }
  return out;
}

TEST(Spool, A_process_becomes_a_trace_with_its_joins_and_provenance) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.device(0, 0xAB);
  s.writer().attribute("graph_mode", "eager");
  s.writer().attribute("driver_version", "580.65.06");
  s.writer().attribute("gpu", "must not replace the device's name");
  s.range(1, 0, 200'000, "hop=1");
  s.range(2, 20'000, 60'000, "hop=1;layer=3");
  s.launch(11, 10'000);
  s.launch(12, 50'000, "_ZN2at6native14gemv_bf16_kernEPfi");
  s.launch(13, 300'000);
  s.close();
  const Trace t = import_file(dir / "1.hopspool");
  ASSERT_EQ(t.kernels.size(), 3U);
  EXPECT_EQ(t.kernels[0].start_ns, 20'000);
  EXPECT_EQ(t.kernels[0].duration_ns, 20'000);
  EXPECT_EQ(t.kernels[0].grid, (std::array<std::int64_t, 3>{64, 2, 1}));
  EXPECT_EQ(range_of(t, t.kernels[0]), "hop=1");
  EXPECT_EQ(range_of(t, t.kernels[1]), "hop=1;layer=3");
  EXPECT_EQ(range_of(t, t.kernels[2]), "");
  EXPECT_EQ(name_at(t, t.kernels[1].name_id), "at::native::gemv_bf16_kern(float*, int)");
  EXPECT_EQ(name_at(t, t.calls[0].api_id), "cudaLaunchKernel");
  EXPECT_EQ(t.calls[0].thread, test::kThread);
  EXPECT_EQ(attribute(t, "provenance"), "measured");
  EXPECT_EQ(attribute(t, "gpu"), "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(attribute(t, "gpu_uuid"), "GPU-abababab-abab-abab-abab-abababababab");
  EXPECT_EQ(attribute(t, "graph_mode"), "eager");
  EXPECT_EQ(attribute(t, "driver"), "580.65.06");
  EXPECT_EQ(attribute(t, "input_sha256").size(), 64U);
  EXPECT_TRUE(t.quality.empty()) << t.quality.front().name;
}

TEST(Spool, Copies_syncs_overheads_and_power_are_taken) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.launch(1, 0);
  spool::MemoryOp copy;
  copy.start_ns = kEpoch + 100'000;
  copy.end_ns = kEpoch + 110'000;
  copy.bytes = 4096;
  copy.context = 1;
  copy.stream = 7;
  copy.correlation = 2;
  copy.copy_kind = 1;
  copy.source_kind = 1;
  copy.target_kind = 3;
  s.writer().append(ChunkKind::kMemoryOps, copy);
  copy.kind = spool::MemoryOpKind::kSet;
  copy.start_ns += 50'000;
  copy.end_ns += 50'000;
  s.writer().append(ChunkKind::kMemoryOps, copy);
  s.call(2, 95'000, 120'000, "cudaMemcpy");
  s.writer().append(ChunkKind::kContexts, spool::Context{1, 0, 7, 0});
  spool::Sync sync;
  sync.start_ns = kEpoch + 130'000;
  sync.end_ns = kEpoch + 140'000;
  sync.type = 3;
  sync.context = 1;
  sync.stream = 7;
  sync.event = 0xFFFFFFFF;
  s.writer().append(ChunkKind::kSyncs, sync);
  s.writer().append(ChunkKind::kOverheads, spool::Overhead{kEpoch + 1, kEpoch + 9, 5U << 16U, 0, 0, 0});
  spool::Power power;
  power.t_ns = kEpoch + 50'000;
  power.power_mw = 321'000;
  power.energy_mj = 77;
  s.writer().append(ChunkKind::kPower, power);
  s.close();
  const Trace t = import_file(dir / "1.hopspool");
  ASSERT_EQ(t.memory_ops.size(), 2U);
  EXPECT_EQ(t.memory_ops[0].kind, MemoryKind::kCopyHtoD);
  EXPECT_TRUE(t.memory_ops[0].pageable);
  EXPECT_EQ(t.memory_ops[1].kind, MemoryKind::kSet);
  EXPECT_FALSE(t.memory_ops[1].pageable);
  ASSERT_EQ(t.syncs.size(), 1U);
  EXPECT_EQ(t.syncs[0].kind, SyncKind::kStream);
  EXPECT_EQ(t.syncs[0].device, 0);
  EXPECT_EQ(t.syncs[0].stream, 7);
  EXPECT_EQ(t.syncs[0].event_id, kNone);
  ASSERT_EQ(t.overhead.size(), 1U);
  EXPECT_EQ(name_at(t, t.overhead[0].kind), "lazy_function_loading");
  ASSERT_EQ(t.power.size(), 1U);
  EXPECT_EQ(t.power[0].t_ns, 50'000);
  EXPECT_EQ(t.power[0].mw, 321'000);
  EXPECT_EQ(t.power[0].sm_mhz, kNone);  // the sample had none
}

// Both processes: correlation 5, thread 77, context 1, stream 7, device 0, graph 3. The second one's device
// is another GPU by its UUID.
TEST(Spool, Processes_stay_apart_and_devices_are_matched_by_uuid) {
  const TempDir dir;
  for (std::uint8_t process = 1; process <= 2; ++process) {
    SpoolSample s(dir / (std::to_string(process) + ".hopspool"));
    s.device(0, process);
    s.range(9, process * 1000, process * 1000 + 200'000, process == 1 ? "first" : "second");
    s.launch(5, process * 2000);
    s.kernel(6, process * 100'000, process * 100'000 + 10, "in graph", 3, 40 + process);
    s.close();
  }
  SpoolSample power(dir / "run.hopspool");  // NVML's number of the second GPU is 4
  power.device(4, 2);
  spool::Power sample;
  sample.t_ns = kEpoch + 5;
  sample.device = 4;
  power.writer().append(ChunkKind::kPower, sample);
  power.close();
  const Trace t = import_file(dir.path());
  ASSERT_EQ(t.kernels.size(), 4U);
  const Kernel &a = t.kernels[0], &b = t.kernels[1];
  EXPECT_EQ(a.correlation, 5);
  EXPECT_EQ(b.correlation, 5 + (std::int64_t{1} << 32));
  EXPECT_EQ(range_of(t, a), "first");
  EXPECT_EQ(range_of(t, b), "second");
  EXPECT_EQ(a.device, 0);
  EXPECT_EQ(b.device, 1);
  EXPECT_NE(a.context, b.context);
  EXPECT_NE(t.kernels[2].graph_id, t.kernels[3].graph_id);
  EXPECT_NE(t.calls[0].thread, t.calls[1].thread);
  ASSERT_EQ(t.devices.size(), 2U);
  ASSERT_EQ(t.power.size(), 1U);
  EXPECT_EQ(t.power[0].device, 1);
  EXPECT_EQ(attribute(t, "processes"), "2");
  EXPECT_EQ(attribute(t, "input"), "1.hopspool 2.hopspool run.hopspool");
}

TEST(Spool, Two_contexts_on_one_device_do_not_share_a_stream) {
  const TempDir dir;
  for (const char* name : {"1.hopspool", "2.hopspool"}) {
    SpoolSample s(dir / name);
    s.device(0, 1);
    s.launch(5, 1000);
    s.close();
  }
  const Trace t = import_capture({dir / "1.hopspool", dir / "2.hopspool"}, test::shipped_classes());
  ASSERT_EQ(t.kernels.size(), 2U);
  EXPECT_EQ(t.kernels[0].device, t.kernels[1].device);
  EXPECT_NE(t.kernels[0].stream, t.kernels[1].stream);
  EXPECT_EQ(count_of(t, "duplicate_kernel"), 0);
}

// Layers are open at the capture of the graph (t = 1 ms), once before that in a warm-up. The graph runs twice
// in "step". Node 11 is a clone of 10; node 30 was captured outside of any range.
TEST(Spool, Graph_kernels_take_the_range_of_their_capture_or_that_of_the_launch) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.range(1, 1000, 2000, "layer=0");
  s.range(2, 1'000'000, 1'100'000, "layer=0");
  s.writer().append(ChunkKind::kGraphNodes, spool::GraphNode{10, 0, 1, s.writer().name("layer=0")});
  s.writer().append(ChunkKind::kGraphNodes, spool::GraphNode{11, 10, 2, 0});
  s.writer().append(ChunkKind::kGraphNodes, spool::GraphNode{30, 0, 2, 0});
  for (const std::uint32_t run : {0U, 1U}) {
    const std::int64_t at = 2'000'000 + run * 1'000'000;
    s.range(3 + run, at, at + 100'000, "step");
    s.call(50 + run, at + 10'000, at + 20'000, "cudaGraphLaunch_v10000");
    s.kernel(50 + run, at + 30'000, at + 40'000, "a", 2, 11);
    s.kernel(50 + run, at + 50'000, at + 60'000, "b", 2, 30);
  }
  s.close();
  const Trace t = import_file(dir / "1.hopspool");
  ASSERT_EQ(t.kernels.size(), 4U);
  EXPECT_EQ(range_of(t, t.kernels[0]), "layer=0");
  EXPECT_EQ(t.ranges[static_cast<std::size_t>(t.kernels[0].range_id)].start_ns, 1'000'000 - 1000);
  EXPECT_EQ(range_of(t, t.kernels[1]), "step");
  EXPECT_EQ(range_of(t, t.kernels[2]), "layer=0");
  EXPECT_EQ(t.kernels[0].graph_id, 2);
  EXPECT_EQ(count_of(t, "range_from_graph_capture"), 2);
  const Trace steps = only_in_range(t, "step", "x");
  EXPECT_EQ(steps.kernels.size(), 4U);
  EXPECT_EQ(steps.kernels[0].range_id, kNone);  // its layer lies outside of the steps
}

TEST(Spool, A_graph_trace_is_one_kernel_a_launch) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.call(1, 0, 5000, "cudaGraphLaunch");
  s.writer().append(ChunkKind::kGraphTraces,
                    spool::GraphTrace{kEpoch + 9000, kEpoch + 50'000, 0, 1, 7, 1, 4, 0});
  s.close();
  const Trace t = import_file(dir / "1.hopspool");
  ASSERT_EQ(t.kernels.size(), 1U);
  EXPECT_EQ(name_at(t, t.kernels[0].name_id), "cuda graph 4");
  EXPECT_EQ(t.kernels[0].graph_id, 4);
  EXPECT_EQ(count_of(t, "graph_as_one_kernel"), 1);
}

TEST(Spool, Round_trip_through_HDF5_is_the_same_every_time) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.range(1, 0, 90'000, "all");
  s.launch(1, 1000);
  s.launch(2, 50'000);
  spool::Power power;
  power.t_ns = kEpoch + 7;
  s.writer().append(ChunkKind::kPower, power);
  s.close();
  write_trace(import_file(dir / "1.hopspool"), dir / "a.h5");
  write_trace(read_trace(dir / "a.h5"), dir / "b.h5");
  EXPECT_EQ(test::bytes_of(dir / "a.h5"), test::bytes_of(dir / "b.h5"));
  EXPECT_EQ(read_trace(dir / "a.h5").power.at(0).mw, kNone);
}

TEST(Spool, A_compressed_spool_reads_like_a_plain_one) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.launch(1, 1000);
  s.close();
  const std::string plain = test::bytes_of(dir / "1.hopspool");
  std::filesystem::create_directory(dir / "z");
  gzFile out = gzopen((dir / "z/1.hopspool.gz").c_str(), "wb");
  gzwrite(out, plain.data(), static_cast<unsigned>(plain.size()));
  gzclose(out);
  for (const std::string& path : {dir / "z", dir / "z/1.hopspool.gz"}) {
    const Trace t = import_file(path);
    EXPECT_EQ(t.kernels.size(), 1U);
    EXPECT_EQ(attribute(t, "input_bytes"), std::to_string(plain.size()));
  }
}

TEST(Spool, Only_what_ran_inside_a_range) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.launch(1, 10'000);
  s.range(1, 50'000, 90'000, "decode");
  s.range(2, 55'000, 70'000, "layer");
  s.launch(2, 60'000);
  s.call(3, 65'000, 66'000, "cudaMalloc", 78);  // another thread
  s.launch(4, 100'000);
  s.close();
  const Trace t = only_in_range(import_file(dir / "1.hopspool"), "decode", "x");
  ASSERT_EQ(t.kernels.size(), 1U);
  EXPECT_EQ(t.kernels[0].correlation, 2);
  EXPECT_EQ(t.kernels[0].start_ns, 20'000);
  EXPECT_EQ(range_of(t, t.kernels[0]), "layer");
  EXPECT_EQ(t.calls.size(), 1U);
  EXPECT_EQ(t.ranges.size(), 2U);
  EXPECT_EQ(attribute(t, "range"), "decode");
  const std::string message =
      input_error([&] { static_cast<void>(only_in_range(import_file(dir / "1.hopspool"), "decod", "x")); });
  EXPECT_NE(message.find("did you mean 'decode'?"), std::string::npos) << message;
}

TEST(Markers, Are_joined_by_thread_first_and_then_by_id) {
  // Two threads use id 1 at once; id 2 is closed by another thread; id 3 stays open; id 4 was never opened.
  const auto marker = [](std::int64_t t, std::uint32_t id, std::uint32_t thread, std::uint32_t name) {
    return spool::Marker{t, id, 0, thread, name, 0, name != 0 ? 1U : 2U};
  };
  std::vector<spool::Marker> all = {marker(40, 1, 8, 0), marker(10, 1, 7, 1), marker(20, 1, 8, 2),
                                    marker(30, 1, 7, 0), marker(15, 2, 7, 3), marker(35, 2, 9, 0),
                                    marker(50, 3, 7, 4), marker(60, 4, 7, 0)};
  all.push_back({70, 5, 0, 7, 5, 0, 0});
  const auto out = spool_import::pair_markers(all, 100);
  ASSERT_EQ(out.ranges.size(), 4U);
  const auto is = [&](std::size_t i, std::int64_t start, std::int64_t end, std::uint32_t thread,
                      std::uint32_t name) {
    EXPECT_EQ(out.ranges[i].start_ns, start) << i;
    EXPECT_EQ(out.ranges[i].end_ns, end) << i;
    EXPECT_EQ(out.ranges[i].thread, thread) << i;
    EXPECT_EQ(out.ranges[i].name, name) << i;
  };
  is(0, 10, 30, 7, 1);
  is(1, 15, 35, 7, 3);
  is(2, 20, 40, 8, 2);
  is(3, 50, 100, 7, 4);
  EXPECT_EQ(out.unclosed, 1);
  EXPECT_EQ(out.unopened, 1);
  EXPECT_EQ(out.instants, 1);
}

// 1 s between rows: 50 us is nothing, 200 us a slew (500 us are allowed), 2 ms a step.
TEST(Clocks, Slews_and_steps_are_told_apart) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::vector<spool::Clock> rows = {{0, kEpoch, 0}};
  for (const std::int64_t moved : {50'000, 200'000, -2'000'000}) {
    const spool::Clock& last = rows.back();
    rows.push_back({0, last.realtime_ns + kSecond + moved, last.monotonic_raw_ns + kSecond});
  }
  const auto moves = spool_import::clock_moves(rows);
  EXPECT_EQ(moves.slews, 1);
  EXPECT_EQ(moves.steps, 1);
  EXPECT_NEAR(static_cast<double>(moves.largest_ns), 2e6, 1000);
}

TEST(Spool, A_stepped_clock_is_an_error_of_the_capture) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.launch(1, 1000);
  s.clock(kEpoch, 1000);
  s.clock(kEpoch + 10'000'000, 2000);
  s.close();
  const Trace t = import_file(dir / "1.hopspool");
  EXPECT_EQ(count_of(t, "clock_stepped"), 1);
  EXPECT_EQ(errors_of(t), 1);
}

TEST(Spool, Kernels_without_time_are_an_error_above_a_thousandth) {
  for (const std::uint64_t lost : {1U, 3U}) {
    const TempDir dir;
    SpoolSample s(dir / "1.hopspool");
    for (std::uint32_t i = 1; i <= 2000; ++i) {
      s.launch(i, i * 100'000);
    }
    s.kernel(5000, 0, 0);
    s.count(spool::CountKind::kNoTimestamps, 1);  // the last count of a kind holds
    s.count(spool::CountKind::kNoTimestamps, lost - 1);
    s.count(spool::CountKind::kHostNoTimestamps, 9);  // says nothing about kernels
    s.close();
    const Trace t = import_file(dir / "1.hopspool");
    EXPECT_EQ(count_of(t, "kernel_without_time"), static_cast<std::int64_t>(lost));
    EXPECT_EQ(count_of(t, "host_record_without_time"), 9);
    EXPECT_EQ(errors_of(t), lost > 2 ? 3 : 0);
    EXPECT_EQ(t.kernels.size(), 2000U);
  }
}

}  // namespace
}  // namespace hopsim::trace
