// SPDX-License-Identifier: Apache-2.0
// Real captures of others, outside of the repository: ../shared/traces or $HOPSIM_SHARED/traces.
#include <gtest/gtest.h>

#include "sample.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "trace/kernel_table.hpp"
#include "trace/quality.hpp"
#include "trace/statistics.hpp"
#include "trace/trace_file.hpp"

namespace hopsim::trace {
namespace {

using hopsim::test::TempDir;

struct Capture {
  const char* file;
  std::size_t kernels, calls, streams;
};

class Captures : public testing::TestWithParam<Capture> {};

TEST_P(Captures, Is_imported_whole_and_the_same_every_time) {
  const std::string path = test::shared_capture(GetParam().file);
  if (path.empty()) {
    GTEST_SKIP() << "no shared capture " << GetParam().file << " (set HOPSIM_SHARED)";
  }
  const TempDir dir;
  const Trace trace = test::import_file(path);
  write_trace(trace, dir / "a.h5");
  write_trace(test::import_file(path), dir / "b.h5");
  write_trace(read_trace(dir / "a.h5"), dir / "c.h5");
  EXPECT_EQ(test::bytes_of(dir / "a.h5"), test::bytes_of(dir / "b.h5"));
  EXPECT_EQ(test::bytes_of(dir / "a.h5"), test::bytes_of(dir / "c.h5"));
  EXPECT_EQ(trace.kernels.size(), GetParam().kernels);
  EXPECT_EQ(trace.calls.size(), GetParam().calls);
  EXPECT_EQ(dropped_records(trace.quality), 0);
  const Statistics s = summarise(trace);
  EXPECT_EQ(s.streams.size(), GetParam().streams);
  EXPECT_LT(s.other_share, 0.10);
  EXPECT_GT(s.launch_to_start.min_us, 0);  // no effect before its cause
}

INSTANTIATE_TEST_SUITE_P(Shared, Captures,
                         testing::Values(Capture{"h100_bert-small.json.gz", 60, 132, 1},
                                         Capture{"h100_qwen1.5-0.5b-chat_bf16.json.gz", 1465, 1922, 1},
                                         Capture{"a100_dlrm_train_rank3.json.gz", 8568, 24692, 4},
                                         Capture{"a100-80gb_train_rank0_multistream.json.gz", 6080, 33924, 6},
                                         Capture{"h200_dsv3_fp8_decode_graph_rank0.json.gz", 2178, 54, 2},
                                         Capture{"a100_vit_bf16_graph.json.gz", 760, 41, 2},
                                         Capture{"a100_vit_int8_graph.json.gz", 775, 41, 2},
                                         Capture{"kineto2021_resnet50_olddialect.json.gz", 9456, 10686, 1},
                                         Capture{"gtx1650_gemv_clock_skew.json.gz", 100, 101, 1},
                                         Capture{"nsys_2gpu_transformer.sqlite", 4010, 7466, 2},
                                         Capture{"nsys_h200_fuser.sqlite", 18, 990, 1}),
                         [](const auto& test) {
                           std::string name = test.param.file;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
                           return name;
                         });

TEST(SharedCaptures, Bert_waits_for_the_host_and_Qwen_does_not) {
  const std::string bert = test::shared_capture("h100_bert-small.json.gz");
  const std::string qwen = test::shared_capture("h100_qwen1.5-0.5b-chat_bf16.json.gz");
  if (bert.empty() || qwen.empty()) {
    GTEST_SKIP() << "no shared captures (set HOPSIM_SHARED)";
  }
  EXPECT_GT(summarise(test::import_file(bert)).host_bound_fraction, 0.8);
  EXPECT_LT(summarise(test::import_file(qwen)).host_bound_fraction, 0.1);
}

TEST(SharedCaptures, Products_of_Bert_become_a_kernel_table) {
  const std::string bert = test::shared_capture("h100_bert-small.json.gz");
  if (bert.empty()) {
    GTEST_SKIP() << "no shared capture (set HOPSIM_SHARED)";
  }
  const std::string csv = kernel_table_csv(test::import_file(bert));
  EXPECT_TRUE(csv.starts_with("framework,version,kernel,dtype,m,n,k,latency_us"));
  EXPECT_NE(csv.find(",bfloat16,141,2048,512,"), std::string::npos);
}

TEST(SharedCaptures, The_skewed_clock_is_corrected_and_said_so) {
  const std::string path = test::shared_capture("gtx1650_gemv_clock_skew.json.gz");
  if (path.empty()) {
    GTEST_SKIP() << "no shared capture (set HOPSIM_SHARED)";
  }
  const Trace trace = test::import_file(path);
  EXPECT_EQ(test::count_of(trace, "clock_corrected"), 100);
  EXPECT_LT(summarise(trace).launch_to_start.median_us, 20);
}

}  // namespace
}  // namespace hopsim::trace
