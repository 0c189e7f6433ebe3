// SPDX-License-Identifier: Apache-2.0
// Real captures of others, outside of the repository (../shared/traces or $HOPSIM_SHARED/traces): the
// replay's span is within 2 % of the measured one, its idle time within 5 % of the span, each stream keeps
// its order, and both engines agree to the nanosecond.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "replay/captured/program.hpp"
#include "replay/captured/timeline.hpp"
#include "replay/captured/what_if.hpp"
#include "replay/simgrid/captured_engine.hpp"
#include "unit/trace/sample.hpp"

namespace hopsim::replay::captured {
namespace {

class ReplayedCaptures : public testing::TestWithParam<const char*> {};

TEST_P(ReplayedCaptures, Come_out_as_measured) {
  const std::string path = trace::test::shared_capture(GetParam());
  if (path.empty()) {
    GTEST_SKIP() << "no shared capture " << GetParam() << " (set HOPSIM_SHARED)";
  }
  const Program program = build_program(trace::test::import_file(path));
  const ReplayResult result = judge(program, run_folded(program), "folded");
  EXPECT_LE(std::abs(result.error()), 0.02);
  EXPECT_LE(std::abs(static_cast<double>(result.idle_simulated_ns - result.idle_measured_ns)),
            0.05 * static_cast<double>(result.measured_ns));
  EXPECT_EQ(result.streams_in_order, result.streams);
  EXPECT_EQ(run_simgrid(program), result.times);
  // What-ifs go the way that they must.
  EXPECT_LE(
      judge(with_host_speed(program, 2), run_folded(with_host_speed(program, 2)), "folded").simulated_ns,
      result.simulated_ns);
  EXPECT_LE(judge(with_graphs(program), run_folded(with_graphs(program)), "folded").simulated_ns,
            result.simulated_ns);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, ReplayedCaptures,
    testing::Values("h100_bert-small.json.gz", "h100_qwen1.5-0.5b-chat_bf16.json.gz",
                    "a100_dlrm_train_rank3.json.gz", "a100-80gb_train_rank0_multistream.json.gz",
                    "h200_dsv3_fp8_decode_graph_rank0.json.gz", "a100_vit_bf16_graph.json.gz",
                    "a100_vit_int8_graph.json.gz", "kineto2021_resnet50_olddialect.json.gz",
                    "gtx1650_gemv_clock_skew.json.gz", "nsys_2gpu_transformer.sqlite",
                    "nsys_h200_fuser.sqlite"),
    [](const auto& test) {
      std::string name = test.param;
      std::replace_if(
          name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

}  // namespace
}  // namespace hopsim::replay::captured
