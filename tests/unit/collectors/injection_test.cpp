// SPDX-License-Identifier: Apache-2.0
// The built injection library in programs of its own, under a mock of libcupti (mock/program.cpp holds the
// scenarios): what stands in the spool afterwards, and that the program does not notice.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/program.hpp"
#include "support/spool_reader.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::test {
namespace {

using spool::ChunkKind;
using spool::CountKind;
using Variables = std::map<std::string, std::string>;

class Injection : public testing::Test {
 protected:
  Outcome run(const std::string& scenario, const Variables& extra = {}) {
    Variables variables = {{"CUDA_INJECTION64_PATH", HOPSIM_INJECTION_LIBRARY},
                           {"LD_LIBRARY_PATH", HOPSIM_MOCK_CUPTI_DIR},
                           {"HOPSIM_SPOOL_DIR", dir_.path()},
                           {"HOPSIM_FLUSH_MS", "2"},
                           {"HOPSIM_GRAPH_TRACE", ""},
                           {"HOPSIM_MAX_RECORDS", ""}};
    for (const auto& [name, value] : extra) {
      variables[name] = value;
    }
    return run_program({HOPSIM_MOCK_PROGRAM, scenario}, variables);
  }

  /// Runs a scenario in which the program must see nothing of the collector; its only spool.
  SpoolFile spool_of(const std::string& scenario, const Variables& extra = {}) {
    const Outcome outcome = run(scenario, extra);
    EXPECT_EQ(outcome.status, 7);
    EXPECT_EQ(outcome.out, "done\n");
    EXPECT_EQ(outcome.err, "");
    return only_spool();
  }

  SpoolFile only_spool() {
    const std::vector<std::string> paths = spools_in(dir_.path());
    EXPECT_EQ(paths.size(), 1U);
    return paths.empty() ? SpoolFile{} : read_spool(paths.front());
  }

  /// A scenario that fails to record: one line on stderr, the program goes on, the reason is in the spool.
  void expect_failure(const std::string& scenario, const std::string& reason, const Variables& extra = {}) {
    const Outcome outcome = run(scenario, extra);
    EXPECT_EQ(outcome.status, 7);
    EXPECT_EQ(outcome.out, "done\n");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_EQ(outcome.err.rfind("hopsim: ", 0), 0U) << outcome.err;
    EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome.err;
    const SpoolFile spool = only_spool();
    EXPECT_TRUE(spool.complete);
    EXPECT_EQ("hopsim: " + spool.attributes.at("error") + "\n", outcome.err);
    EXPECT_EQ(spool.payloads.count(ChunkKind::kKernels), 0U);
  }

  TempDir dir_;
};

std::set<std::uint32_t> correlations(const SpoolFile& spool) {
  std::set<std::uint32_t> all;
  for (const spool::Kernel& kernel : spool.kernels()) {
    all.insert(kernel.correlation);
  }
  return all;
}

TEST_F(Injection, Two_gpus_and_three_streams_each_arrive_with_their_launches) {
  const SpoolFile spool = spool_of("two_gpus");
  EXPECT_TRUE(spool.complete);
  std::set<std::array<std::uint32_t, 3>> streams;
  for (const spool::Kernel& kernel : spool.kernels()) {
    EXPECT_EQ(spool.names.at(kernel.name), "gemm");
    EXPECT_EQ(kernel.correlation, 10 * kernel.device + kernel.stream);
    streams.insert({kernel.device, kernel.context, kernel.stream});
  }
  EXPECT_EQ(streams.size(), 6U);
  EXPECT_EQ(spool.records<spool::Device>(ChunkKind::kDevices).size(), 2U);
  EXPECT_EQ(spool.records<spool::Context>(ChunkKind::kContexts).size(), 2U);
  EXPECT_EQ(spool.records<spool::Stream>(ChunkKind::kStreams).size(), 6U);
  const auto calls = spool.records<spool::ApiCall>(ChunkKind::kApiCalls);
  ASSERT_EQ(calls.size(), 6U);
  EXPECT_EQ(spool.names.at(calls[0].name), "cudaLaunchKernel_v7000");
  EXPECT_EQ(spool.end.kernels, 6U);
  EXPECT_EQ(spool.end.api_calls, 6U);
}

TEST_F(Injection, The_spool_says_how_it_was_made) {
  const SpoolFile spool = spool_of("two_gpus");
  EXPECT_EQ(spool.attributes.at("graph_mode"), "eager");
  EXPECT_EQ(spool.attributes.at("collector_version"), HOPSIM_PROJECT_VERSION);
  EXPECT_EQ(spool.attributes.at("cupti_header_version"), spool.attributes.at("cupti_runtime_version"));
  EXPECT_EQ(spool.attributes.at("command"), std::string(HOPSIM_MOCK_PROGRAM) + " two_gpus");
  EXPECT_EQ(spool.attributes.at("utc").size(), std::string("2026-03-01T12:30:00Z").size());
  EXPECT_EQ(spool.attributes.count("error"), 0U);
  EXPECT_EQ(dir_ / (std::to_string(spool.header.pid) + ".hopspool"), spools_in(dir_.path()).front());
  for (const CountKind kind : {CountKind::kDropped, CountKind::kNoTimestamps, CountKind::kUnknownRecords,
                               CountKind::kBufferLimit, CountKind::kRecordLimit, CountKind::kCuptiErrors}) {
    EXPECT_EQ(spool.count(kind), 0U) << static_cast<int>(kind);
  }
}

TEST_F(Injection, Clocks_are_read_at_the_start_and_at_the_end_at_least) {
  const auto clocks = spool_of("two_gpus").records<spool::Clock>(ChunkKind::kClocks);
  ASSERT_GE(clocks.size(), 2U);
  EXPECT_GT(clocks.back().monotonic_raw_ns, clocks.front().monotonic_raw_ns);
  EXPECT_GE(clocks.front().realtime_ns, clocks.front().cupti_ns);  // the mock's clock, read first
}

TEST_F(Injection, What_is_lost_is_counted) {
  const SpoolFile spool = spool_of("losses");
  EXPECT_EQ(spool.kernels().size(), 1U);
  EXPECT_EQ(spool.count(CountKind::kDropped), 7U);
  EXPECT_EQ(spool.count(CountKind::kNoTimestamps), 2U);
  EXPECT_EQ(spool.count(CountKind::kUnknownRecords), 1U);
  EXPECT_TRUE(spool.complete);
}

TEST_F(Injection, Exit_fetches_what_CUPTI_held_back) {
  const SpoolFile spool = spool_of("forced_flush");
  EXPECT_EQ(correlations(spool), std::set<std::uint32_t>{1});
  EXPECT_TRUE(spool.complete);
}

TEST_F(Injection, A_killed_program_leaves_all_that_was_flushed_and_no_trailer) {
  const Outcome outcome = run("killed");
  EXPECT_EQ(outcome.status, -1);
  const SpoolFile spool = only_spool();
  EXPECT_FALSE(spool.complete);
  EXPECT_EQ(spool.cut_off_bytes, 0U);
  EXPECT_EQ(spool.kernels().size(), 1000U);
  EXPECT_EQ(spool.records<spool::ApiCall>(ChunkKind::kApiCalls).size(), 1000U);
  EXPECT_EQ(spool.names.at(spool.kernels().back().name), "gemm");
}

TEST_F(Injection, The_child_of_a_fork_leaves_the_spool_of_its_parent_alone) {
  const SpoolFile spool = spool_of("forked");
  EXPECT_TRUE(spool.complete);
  EXPECT_EQ(correlations(spool), (std::set<std::uint32_t>{1, 2}));
}

TEST_F(Injection, A_helper_program_that_CUDA_runs_as_it_starts_holds_up_nothing) {
  EXPECT_EQ(correlations(spool_of("helper_at_start")), std::set<std::uint32_t>{1});
}

TEST_F(Injection, A_child_that_starts_CUDA_has_a_spool_of_its_own) {
  const SpoolFile spool = spool_of("child_starts_cuda");
  EXPECT_TRUE(spool.complete);
  EXPECT_EQ(correlations(spool), std::set<std::uint32_t>{99});
}

TEST_F(Injection, Parent_and_child_write_apart) {
  const Outcome outcome = run("both_start_cuda");
  EXPECT_EQ(outcome.status, 7) << outcome.err;
  const std::vector<std::string> paths = spools_in(dir_.path());
  ASSERT_EQ(paths.size(), 2U);
  SpoolFile parent = read_spool(paths[0]);
  SpoolFile child = read_spool(paths[1]);
  if (parent.header.parent_pid == child.header.pid) {
    std::swap(parent, child);
  }
  EXPECT_EQ(child.header.parent_pid, parent.header.pid);
  EXPECT_TRUE(parent.complete);
  EXPECT_TRUE(child.complete);
  EXPECT_EQ(correlations(parent), std::set<std::uint32_t>{1});
  EXPECT_TRUE(correlations(child).count(99) == 1);
}

TEST_F(Injection, Two_programs_under_one_pid_do_not_overwrite_each_other) {
  const Outcome outcome = run("run_again");
  EXPECT_EQ(outcome.status, 7) << outcome.err;
  const std::vector<std::string> paths = spools_in(dir_.path());
  ASSERT_EQ(paths.size(), 2U);
  std::multiset<std::size_t> kernels = {read_spool(paths[0]).kernels().size(),
                                        read_spool(paths[1]).kernels().size()};
  EXPECT_EQ(kernels, (std::multiset<std::size_t>{1, 6}));
  EXPECT_NE(read_spool(paths[0]).complete, read_spool(paths[1]).complete);
}

TEST_F(Injection, Graph_nodes_carry_the_range_that_was_open_where_they_were_captured) {
  const SpoolFile spool = spool_of("graphs");
  std::map<std::uint64_t, std::string> ranges;
  std::map<std::uint64_t, std::uint64_t> originals;
  for (const spool::GraphNode& node : spool.records<spool::GraphNode>(ChunkKind::kGraphNodes)) {
    ranges[node.node] = node.range_name == spool::kNoName ? "" : spool.names.at(node.range_name);
    originals[node.node] = node.original;
  }
  EXPECT_EQ(ranges, (std::map<std::uint64_t, std::string>{{0x100, "hop=1;layer=0"},
                                                          {0x110, "elsewhere"},
                                                          {0x120, "hop=1;layer=1"},
                                                          {0x130, "hop=1;layer=1"},
                                                          {0x140, ""},
                                                          {0x200, ""}}));
  EXPECT_EQ(originals.at(0x200), 0x100U);
  EXPECT_EQ(spool.kernels().at(0).graph_node, 0x200U);
  EXPECT_EQ(spool.attributes.at("graph_mode"), "node");
}

TEST_F(Injection, Graph_launches_are_recorded_whole_on_request) {
  const SpoolFile spool = spool_of("graph_trace", {{"HOPSIM_GRAPH_TRACE", "1"}});
  EXPECT_EQ(spool.attributes.at("graph_mode"), "graph");
  const auto traces = spool.records<spool::GraphTrace>(ChunkKind::kGraphTraces);
  ASSERT_EQ(traces.size(), 1U);
  EXPECT_EQ(traces[0].graph, 3U);
  EXPECT_EQ(traces[0].end_ns, 9000);
}

TEST_F(Injection, Many_threads_lose_nothing_while_the_collector_flushes) {
  const SpoolFile spool = spool_of("threads", {{"HOPSIM_FLUSH_MS", "1"}});
  EXPECT_TRUE(spool.complete);
  EXPECT_EQ(correlations(spool).size(), 20000U);
  EXPECT_EQ(spool.end.kernels, 20000U);
  const auto markers = spool.records<spool::Marker>(ChunkKind::kMarkers);
  EXPECT_EQ(markers.size(), 40000U);
  EXPECT_EQ(std::count_if(markers.begin(), markers.end(), [](const auto& m) { return m.flags == 1; }), 20000);
  EXPECT_EQ(spool.records<spool::GraphNode>(ChunkKind::kGraphNodes).size(), 20000U);
  for (const spool::Kernel& kernel : spool.kernels()) {
    ASSERT_EQ(spool.names.at(kernel.name), "kernel_" + std::to_string(kernel.correlation % 1000));
  }
}

TEST_F(Injection, Collection_stops_at_the_limit_of_records_and_says_so) {
  const SpoolFile spool = spool_of("record_limit", {{"HOPSIM_MAX_RECORDS", "10"}});
  EXPECT_EQ(spool.kernels().size(), 10U);
  EXPECT_EQ(spool.count(CountKind::kRecordLimit), 15U);
  EXPECT_TRUE(spool.complete);
}

TEST_F(Injection, Collection_stops_when_too_many_buffers_are_out) {
  const SpoolFile spool = spool_of("buffer_limit");
  EXPECT_GT(spool.count(CountKind::kBufferLimit), 0U);
  EXPECT_EQ(correlations(spool), std::set<std::uint32_t>{1});
}

TEST_F(Injection, Another_profiler_is_named_and_the_program_goes_on) {
  expect_failure("other_profiler", "another profiler is attached (CUPTI for Nsight Systems)");
}

TEST_F(Injection, A_CUPTI_of_another_CUDA_is_refused) { expect_failure("newer_cupti", "140000"); }

TEST_F(Injection, Without_kernels_nothing_is_recorded) {
  expect_failure("kernels_not_recorded", "CUPTI_ERROR_NOT_COMPATIBLE");
}

TEST_F(Injection, A_wrong_variable_is_named) {
  expect_failure("newer_cupti", "HOPSIM_MAX_RECORDS=many", {{"HOPSIM_MAX_RECORDS", "many"}});
}

TEST_F(Injection, A_kind_that_is_not_vital_is_counted_when_it_fails) {
  const SpoolFile spool = spool_of("overhead_not_recorded");
  EXPECT_EQ(spool.count(CountKind::kCuptiErrors), 1U);
  EXPECT_NE(spool.attributes.at("cupti_error").find("CUPTI_ERROR_NOT_COMPATIBLE"), std::string::npos);
  EXPECT_EQ(spool.kernels().size(), 1U);
}

TEST_F(Injection, A_program_not_under_hopsim_is_left_alone) {
  const Outcome outcome = run("not_asked_for", {{"HOPSIM_SPOOL_DIR", ""}});
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(dir_.files(), 0U);
}

TEST_F(Injection, A_folder_that_is_not_there_costs_one_line) {
  const Outcome outcome = run("two_gpus", {{"HOPSIM_SPOOL_DIR", dir_ / "none"}});
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.out, "done\n");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_NE(outcome.err.find("No such file or directory"), std::string::npos) << outcome.err;
}

TEST_F(Injection, NVTX_is_handed_on_to_CUPTI_and_starts_no_recording) {
  EXPECT_EQ(spool_of("nvtx_first").kernels().size(), 1U);
}

// With the real CUPTI, which is not ready before CUDA is used and can't be made so without a GPU.
TEST_F(Injection, Ranges_of_a_program_without_CUDA_do_no_harm) {
  const Outcome outcome =
      run_program({HOPSIM_NVTX_PROGRAM},
                  {{"NVTX_INJECTION64_PATH", HOPSIM_INJECTION_LIBRARY}, {"HOPSIM_SPOOL_DIR", dir_.path()}});
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.out, "done\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(dir_.files(), 0U);
}

}  // namespace
}  // namespace hopsim::test
