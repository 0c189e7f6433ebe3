// SPDX-License-Identifier: Apache-2.0
// A real program on a real GPU under the real CUPTI (gpu/tiny.cu says what it does). Skipped without a GPU.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/program.hpp"
#include "support/spool_reader.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::test {
namespace {

using spool::ChunkKind;
using spool::CountKind;

bool has_gpu() {
  void* libcuda = dlopen("libcuda.so.1", RTLD_NOW);
  if (libcuda == nullptr) {
    return false;
  }
  const auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(libcuda, "cuInit"));
  return init != nullptr && init(0) == 0;
}

class OnGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_gpu()) {
      GTEST_SKIP() << "no GPU here";
    }
  }

  SpoolFile record(const std::map<std::string, std::string>& extra = {}) {
    std::map<std::string, std::string> variables = {{"CUDA_INJECTION64_PATH", HOPSIM_INJECTION_LIBRARY},
                                                    {"NVTX_INJECTION64_PATH", HOPSIM_INJECTION_LIBRARY},
                                                    {"HOPSIM_SPOOL_DIR", dir_.path()}};
    variables.insert(extra.begin(), extra.end());
    const Outcome outcome = run_program({HOPSIM_TINY_CUDA_PROGRAM}, variables);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "112\n");
    EXPECT_EQ(outcome.err, "");
    const std::vector<std::string> paths = spools_in(dir_.path());
    EXPECT_EQ(paths.size(), 1U);
    return paths.empty() ? SpoolFile{} : read_spool(paths.front());
  }

  TempDir dir_;
};

TEST_F(OnGpu, Each_kernel_is_recorded_with_its_launch) {
  const SpoolFile spool = record();
  EXPECT_TRUE(spool.complete);
  EXPECT_EQ(spool.attributes.count("error"), 0U);
  for (const CountKind kind :
       {CountKind::kDropped, CountKind::kNoTimestamps, CountKind::kUnknownRecords, CountKind::kCuptiErrors}) {
    EXPECT_EQ(spool.count(kind), 0U) << static_cast<int>(kind);
  }
  std::set<std::uint32_t> calls;
  for (const spool::ApiCall& call : spool.records<spool::ApiCall>(ChunkKind::kApiCalls)) {
    calls.insert(call.correlation);
  }
  std::set<std::uint32_t> streams;
  std::size_t eager = 0;
  for (const spool::Kernel& kernel : spool.kernels()) {
    EXPECT_NE(spool.names.at(kernel.name).find("add_one"), std::string::npos);
    EXPECT_EQ(calls.count(kernel.correlation), 1U);
    EXPECT_EQ(kernel.grid[0], 256);
    streams.insert(kernel.stream);
    eager += kernel.graph == 0 ? 1 : 0;
  }
  EXPECT_EQ(eager, 100U);
  EXPECT_EQ(spool.kernels().size(), 112U);
  EXPECT_EQ(streams.size(), 2U);
  EXPECT_EQ(spool.records<spool::MemoryOp>(ChunkKind::kMemoryOps).size(), 4U);
  EXPECT_GE(spool.records<spool::Device>(ChunkKind::kDevices).size(), 1U);
}

TEST_F(OnGpu, Kernels_of_a_graph_find_the_layer_they_were_captured_in) {
  const SpoolFile spool = record();
  std::map<std::uint64_t, spool::GraphNode> nodes;
  for (const spool::GraphNode& node : spool.records<spool::GraphNode>(ChunkKind::kGraphNodes)) {
    nodes[node.node] = node;
  }
  std::map<std::string, int> layers;
  for (const spool::Kernel& kernel : spool.kernels()) {
    if (kernel.graph != 0) {
      spool::GraphNode node = nodes.at(kernel.graph_node);
      while (node.range_name == spool::kNoName && node.original != spool::kNoGraph) {
        node = nodes.at(node.original);
      }
      ++layers[spool.names.at(node.range_name)];
    }
  }
  EXPECT_EQ(layers,
            (std::map<std::string, int>{{"layer=0", 3}, {"layer=1", 3}, {"layer=2", 3}, {"layer=3", 3}}));
}

TEST_F(OnGpu, A_graph_can_be_recorded_as_one) {
  const SpoolFile spool = record({{"HOPSIM_GRAPH_TRACE", "1"}});
  EXPECT_EQ(spool.kernels().size(), 100U);
  EXPECT_EQ(spool.records<spool::GraphTrace>(ChunkKind::kGraphTraces).size(), 3U);
}

TEST_F(OnGpu, Ranges_share_the_thread_and_the_clock_of_the_launches_in_them) {
  const SpoolFile spool = record();
  std::int64_t from = 0, to = 0;
  std::uint32_t id = 0, thread = 0;
  for (const spool::Marker& marker : spool.records<spool::Marker>(ChunkKind::kMarkers)) {
    if (marker.flags == 1 && spool.names.at(marker.name) == "eager") {
      from = marker.time_ns;
      id = marker.id;
      thread = marker.thread;
    } else if (marker.flags == 2 && marker.id == id) {
      to = marker.time_ns;
    }
  }
  const auto calls = spool.records<spool::ApiCall>(ChunkKind::kApiCalls);
  const auto inside = std::count_if(calls.begin(), calls.end(), [&](const spool::ApiCall& call) {
    return call.thread == thread && call.start_ns >= from && call.end_ns <= to &&
           spool.names.at(call.name).find("cudaLaunchKernel") != std::string::npos;
  });
  EXPECT_EQ(inside, 100);
}

}  // namespace
}  // namespace hopsim::test
