// SPDX-License-Identifier: Apache-2.0
#include "trace/import/kineto/kineto_import.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "sample.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "trace/import/kineto/event.hpp"

namespace hopsim::trace {
namespace {

using hopsim::test::input_error;
using hopsim::test::TempDir;
using kineto::parse_microseconds;
using test::count_of;

std::string call(int correlation, const std::string& ts, const std::string& dur,
                 const std::string& name = "cudaLaunchKernel") {
  return R"j({"ph": "X", "cat": "cuda_runtime", "name": ")j" + name + R"j(", "pid": 1, "tid": 2, "ts": )j" +
         ts + R"j(, "dur": )j" + dur + R"j(, "args": {"cbid": 211, "correlation": )j" +
         std::to_string(correlation) + "}}";
}

std::string kernel(int correlation, const std::string& ts, const std::string& dur,
                   const std::string& more = "") {
  return R"j({"ph": "X", "cat": "kernel", "name": "gemm_kernel", "pid": 0, "tid": 7, "ts": )j" + ts +
         R"j(, "dur": )j" + dur + R"j(, "args": {"device": 0, "context": 1, "stream": 7, "correlation": )j" +
         std::to_string(correlation) + more +
         R"j(, "registers per thread": 90, "shared memory": 49152, "grid": [64, 2, 1], "block": [128, 1, 1]}})j";
}

std::string document(const std::vector<std::string>& events) {
  std::string out =
      R"j({"schemaVersion": 1, "deviceProperties": [{"id": 0, "name": "NVIDIA H100", "totalGlobalMem": 80, "numSms": 132}], "traceEvents": [)j";
  for (std::size_t i = 0; i < events.size(); ++i) {
    out += (i > 0 ? ",\n" : "\n") + events[i];
  }
  return out + "\n], \"traceName\": \"x\"}";
}

Trace import_text(const std::string& text) {
  const TempDir dir;
  return test::import_file(dir.write("t.json", text));
}

std::string message(const std::string& text) {
  return input_error([&] { static_cast<void>(import_text(text)); });
}

TEST(Kineto, Microseconds_are_read_to_the_last_nanosecond) {
  EXPECT_EQ(parse_microseconds("7656582823613.583"), 7656582823613583);
  EXPECT_EQ(parse_microseconds("1683564901548726"), 1683564901548726000);
  EXPECT_EQ(parse_microseconds("0.5"), 500);
  EXPECT_EQ(parse_microseconds("-1.25"), -1250);
  EXPECT_EQ(parse_microseconds("1.2345"), 1235);
  EXPECT_EQ(parse_microseconds("1.5e3"), 1500000);
  EXPECT_EQ(parse_microseconds("\"12.25\""), 12250);
  for (const char* bad : {"", "x", "-", "--1", "1x", "null", "1e400", "99999999999999999999", "NaN"}) {
    EXPECT_EQ(parse_microseconds(bad), std::nullopt) << bad;
  }
}

TEST(Kineto, A_kernel_keeps_what_the_event_says) {
  const Trace t = import_text(
      document({call(5, "100.5", "4"), kernel(5, "106.25", "3.125", R"j(, "graph node id": 12)j")}));
  ASSERT_EQ(t.kernels.size(), 1U);
  const Kernel& k = t.kernels[0];
  EXPECT_EQ(k.start_ns, 5750);
  EXPECT_EQ(k.duration_ns, 3125);
  EXPECT_EQ(k.stream, 7);
  EXPECT_EQ(k.correlation, 5);
  EXPECT_EQ(k.graph_node, 12);
  EXPECT_EQ(k.registers, 90);
  EXPECT_EQ(k.dynamic_smem, 49152);
  EXPECT_EQ(k.grid, (std::array<std::int64_t, 3>{64, 2, 1}));
  EXPECT_EQ(k.cls, KernelClass::kGemm);
  EXPECT_EQ(t.devices.at(0).name, "NVIDIA H100");
  EXPECT_EQ(t.calls.at(0).thread, 2);
  EXPECT_TRUE(t.quality.empty());
}

TEST(Kineto, The_dialect_of_2021_and_a_bare_array_read_alike) {
  const Trace t = import_text(
      R"j([{"ph": "X", "cat": "Runtime", "name": "cudaLaunchKernel", "pid": 1, "tid": "3004819264", "ts": 1610366728305164, "dur": 5, "args": {"cbid": 211, "correlation": 9}},
      {"ph": "X", "cat": "Kernel", "name": "volta_sgemm", "pid": 0, "tid": "stream 7", "ts": 1610366728305174, "dur": 90, "args": {"device": 0, "context": 1, "stream": 7, "correlation": 9, "external id": 0}},
      {"ph": "X", "cat": "Memset", "name": "Memset (Device)", "pid": 0, "tid": "stream 7", "ts": 1610366728305274, "dur": 1, "args": {
  "device" : 0, "context" : 1, "stream" : 7, "correlation" : 10, "bytes" : 8}},])j");
  EXPECT_EQ(t.kernels.at(0).start_ns, 10000);
  EXPECT_EQ(t.calls.at(0).thread, 3004819264);
  EXPECT_EQ(t.memory_ops.at(0).kind, MemoryKind::kSet);
  EXPECT_EQ(count_of(t, "memory_op_without_call"), 1);
}

TEST(Kineto, Syncs_copies_and_overhead_are_read) {
  const Trace t = import_text(document(
      {kernel(5, "100", "3"),
       R"j({"ph": "X", "cat": "cuda_sync", "name": "Stream Wait Event", "pid": 0, "tid": 20, "ts": 110, "dur": 0, "args": {"cuda_sync_kind": "Stream Wait Event", "stream": 20, "correlation": 6, "device": 0, "context": 1, "wait_on_stream": 7, "wait_on_cuda_event_record_corr_id": 4, "wait_on_cuda_event_id": 3}})j",
       R"j({"ph": "X", "cat": "cuda_sync", "name": "Context Sync", "pid": 0, "tid": 0, "ts": 111, "dur": 9, "args": {"cuda_sync_kind": "Context Sync", "stream": 4294967295, "correlation": 8}})j",
       R"j({"ph": "X", "cat": "gpu_memcpy", "name": "Memcpy DtoH (Device -> Pageable)", "pid": 0, "tid": 7, "ts": 105, "dur": 2, "args": {"device": 0, "context": 1, "stream": 7, "correlation": 7, "bytes": 64}})j",
       R"j({"ph": "X", "cat": "overhead", "name": "Instrumentation", "pid": -1, "tid": 0, "ts": 101, "dur": 2})j",
       R"j({"ph": "X", "cat": "cuda_sync", "name": "What", "pid": 0, "tid": 0, "ts": 111, "dur": 9, "args": {}})j"}));
  ASSERT_EQ(t.syncs.size(), 2U);
  EXPECT_EQ(t.syncs[0].kind, SyncKind::kStreamWaitEvent);
  EXPECT_EQ(t.syncs[0].waits_for_stream, 7);
  EXPECT_EQ(t.syncs[0].waits_for_correlation, 4);
  EXPECT_EQ(t.syncs[0].event_id, 3);
  EXPECT_EQ(t.syncs[1].kind, SyncKind::kDevice);
  EXPECT_EQ(t.syncs[1].stream, kNone);
  EXPECT_EQ(t.memory_ops.at(0).kind, MemoryKind::kCopyDtoH);
  EXPECT_TRUE(t.memory_ops.at(0).pageable);
  EXPECT_EQ(t.overhead.size(), 1U);
  EXPECT_EQ(count_of(t, "sync_of_unknown_kind"), 1);
}

TEST(Kineto, Kernels_of_one_graph_launch_share_a_graph_id) {
  const Trace t = import_text(document({call(5, "100", "4", "cudaGraphLaunch"), kernel(5, "110", "3"),
                                        kernel(5, "114", "3"), call(6, "120", "4"), kernel(6, "130", "3")}));
  EXPECT_EQ(t.kernels.at(0).graph_id, 5);
  EXPECT_EQ(t.kernels.at(1).graph_id, 5);
  EXPECT_EQ(t.kernels.at(2).graph_id, kNone);
}

TEST(Kineto, A_product_takes_the_sizes_of_its_operator) {
  const std::string op =
      R"j({"ph": "X", "cat": "cpu_op", "name": "aten::addmm", "pid": 1, "tid": 2, "ts": 90, "dur": 30, "args": {"Input Dims": [[512], [141, 512], [512, 2048], [], []], "Input type": ["c10::BFloat16", "c10::BFloat16", "c10::BFloat16", "Scalar", "Scalar"]}})j";
  const std::string outer =
      R"j({"ph": "X", "cat": "user_annotation", "name": "step", "pid": 1, "tid": 2, "ts": 80, "dur": 90, "args": {}})j";
  const Trace t = import_text(document({op, outer, call(5, "100", "4"), kernel(5, "110", "3")}));
  ASSERT_EQ(t.shapes.size(), 1U);
  EXPECT_EQ(t.shapes[0].m, 141);
  EXPECT_EQ(t.shapes[0].n, 2048);
  EXPECT_EQ(t.shapes[0].k, 512);
  EXPECT_EQ(t.names[static_cast<std::size_t>(t.shapes[0].dtype_id)], "bfloat16");
  EXPECT_EQ(t.ranges.at(1).parent, 0);
  EXPECT_EQ(t.kernels.at(0).range_id, 1);
}

TEST(Kineto, Bad_records_are_counted_not_dropped_in_silence) {
  const Trace t = import_text(document(
      {call(5, "100", "4"), call(5, "101", "4"), kernel(5, "110", "3"), kernel(5, "110", "3"),
       kernel(6, "120", "-3"), kernel(7, "0", "3"), kernel(8, "\"soon\"", "3"), kernel(9, "130", "0"), "17",
       R"j({"ph" "X"})j",
       R"j({"ph": "X", "cat": "kernel", "name": "k", "ts": 140, "dur": 1, "args": {"device": 0}})j",
       R"j({"ph": "X", "cat": "martian", "name": "k", "ts": 140, "dur": 1})j",
       R"j({"ph": "B", "cat": "kernel", "name": "k", "ts": 140})j", kernel(10, "9000000000000000", "3"),
       R"j({"ph": "f", "id": 5, "pid": 0, "tid": 7, "ts": 110, "cat": "ac2g", "name": "ac2g", "bp": "e"})j"}));
  EXPECT_EQ(t.kernels.size(), 2U);
  EXPECT_EQ(count_of(t, "duplicate_kernel"), 1);
  EXPECT_EQ(count_of(t, "duplicate_correlation"), 1);
  EXPECT_EQ(count_of(t, "end_before_start_kernel"), 1);
  EXPECT_EQ(count_of(t, "zero_timestamp_kernel"), 1);
  EXPECT_EQ(count_of(t, "event_without_time"), 1);
  EXPECT_EQ(count_of(t, "zero_length_kernel"), 1);
  EXPECT_EQ(count_of(t, "kernel_without_launch"), 1);
  EXPECT_EQ(count_of(t, "event_not_json"), 2);
  EXPECT_EQ(count_of(t, "gpu_event_without_stream"), 1);
  EXPECT_EQ(count_of(t, "unknown_category_martian"), 1);
  EXPECT_EQ(count_of(t, "incomplete_event"), 1);
  EXPECT_EQ(count_of(t, "impossible_time_kernel"), 1);
}

TEST(Kineto, The_order_of_events_does_not_matter) {
  const std::vector<std::string> events = {call(5, "100", "4"), kernel(5, "110", "3"), call(6, "120", "4"),
                                           kernel(6, "130", "3")};
  const Trace a = import_text(document(events));
  const Trace b = import_text(document({events.rbegin(), events.rend()}));
  ASSERT_EQ(a.kernels.size(), b.kernels.size());
  EXPECT_EQ(a.kernels[0].correlation, b.kernels[0].correlation);
  EXPECT_EQ(a.kernels[1].start_ns, b.kernels[1].start_ns);
}

TEST(Kineto, What_is_no_trace_is_refused_with_the_reason) {
  EXPECT_NE(message("").find("is empty"), std::string::npos);
  EXPECT_NE(message("hello, world").find("no known format"), std::string::npos);
  EXPECT_NE(message("\x89HDF\r\n").find("HDF5"), std::string::npos);
  EXPECT_NE(message("{\"a\": 1}").find("without traceEvents"), std::string::npos);
  EXPECT_NE(message("[]").find("no kernel"), std::string::npos);
  EXPECT_NE(message(document({call(5, "100", "4")})).find("no kernel"), std::string::npos);
  EXPECT_NE(message("[1 2]").find("not JSON"), std::string::npos);
  EXPECT_NE(message("{1: 2}").find("not JSON"), std::string::npos);
  EXPECT_NE(message("[" + kernel(1, "1", "1") + "] x").find("something follows"), std::string::npos);
}

TEST(Kineto, A_file_cut_anywhere_is_an_error_with_its_line) {
  const std::string whole = document({call(5, "100", "4"), kernel(5, "110", "3")});
  for (std::size_t size = 1; size + 1 < whole.size(); ++size) {
    EXPECT_NE(message(whole.substr(0, size)), "") << size;
  }
  const std::size_t third_line = whole.find('\n', whole.find('\n') + 1);
  EXPECT_NE(message(whole.substr(0, third_line - 9)).find("t.json:2:1: the file is cut off"),
            std::string::npos);
}

TEST(Kineto, Gzip_is_read_and_cut_gzip_is_refused) {
  const TempDir dir;
  std::vector<std::string> events;
  for (int i = 0; i < 2000; ++i) {
    events.push_back(kernel(i, std::to_string(100 + 10 * i), "3"));
  }
  const std::string path = dir / "t.json.gz";
  const std::string text = document(events);
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  EXPECT_EQ(test::import_file(path).kernels.size(), 2000U);
  const std::string packed = test::bytes_of(path);
  const std::string cut = dir.write("cut.json.gz", packed.substr(0, packed.size() / 2));
  EXPECT_NE(input_error([&] { static_cast<void>(test::import_file(cut)); }).find("gzip data is cut off"),
            std::string::npos);
  std::string spoilt = packed;
  spoilt[packed.size() / 2] ^= 0x55;
  const std::string damaged = dir.write("bad.json.gz", spoilt);
  EXPECT_NE(input_error([&] { static_cast<void>(test::import_file(damaged)); }), "");
}

}  // namespace
}  // namespace hopsim::trace
