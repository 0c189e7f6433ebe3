// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "sample.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::trace {
namespace {

using hopsim::test::input_error;
using hopsim::test::TempDir;

void create(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  char* error = nullptr;
  ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_close(database);
}

constexpr const char* kNames =
    "CREATE TABLE StringIds(id INTEGER PRIMARY KEY, value TEXT);"
    "INSERT INTO StringIds VALUES (1, 'gemm_kernel'), (2, 'cudaLaunchKernel_v7000');";

// An old schema: few columns. Two processes, each with a correlation 5 and a device 0.
const std::string kTwoProcesses =
    std::string(kNames) +
    "CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL(start INTEGER, \"end\" INTEGER, deviceId INTEGER, contextId "
    "INTEGER, streamId INTEGER,"
    " correlationId INTEGER, globalPid INTEGER, demangledName INTEGER, gridX INTEGER);"
    "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (1100, 1200, 0, 1, 7, 5, 16777216, 1, 64), (1150, 1300, "
    "0, 1, 7, 5, 33554432, 1, 64),"
    " (2000, 1900, 0, 1, 7, 6, 16777216, 1, 64);"
    "CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME(start INTEGER, \"end\" INTEGER, globalTid INTEGER, "
    "correlationId INTEGER, nameId INTEGER);"
    "INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (1000, 1050, 16777217, 5, 2), (1010, 1060, 33554433, 5, "
    "2);"
    "CREATE TABLE TARGET_INFO_CUDA_DEVICE(gpuId INTEGER, cudaId INTEGER, pid INTEGER);"
    "INSERT INTO TARGET_INFO_CUDA_DEVICE VALUES (3, 0, 1), (4, 0, 2);";

TEST(Nsys, Processes_keep_their_correlations_and_devices_apart) {
  const TempDir dir;
  create(dir / "t.sqlite", kTwoProcesses);
  const Trace t = test::import_file(dir / "t.sqlite");
  ASSERT_EQ(t.kernels.size(), 2U);
  EXPECT_EQ(t.kernels[0].device, 3);
  EXPECT_EQ(t.kernels[1].device, 4);
  EXPECT_NE(t.kernels[0].correlation, t.kernels[1].correlation);
  EXPECT_EQ(t.kernels[1].correlation, t.calls[1].correlation);
  EXPECT_EQ(t.kernels[0].start_ns, 100);
  EXPECT_EQ(t.kernels[0].grid[0], 64);
  EXPECT_EQ(t.names[static_cast<std::size_t>(t.calls[0].api_id)], "cudaLaunchKernel");
  EXPECT_EQ(test::count_of(t, "end_before_start_kernel"), 1);
  EXPECT_EQ(test::count_of(t, "kernel_without_launch"), 0);
}

TEST(Nsys, Ranges_of_emit_nvtx_carry_sizes) {
  const TempDir dir;
  create(dir / "t.sqlite", kTwoProcesses +
                               "CREATE TABLE NVTX_EVENTS(start INTEGER, \"end\" INTEGER, eventType INTEGER, "
                               "text TEXT, globalTid INTEGER);"
                               "INSERT INTO NVTX_EVENTS VALUES (900, 1500, 59, 'aten::mm, op_id = 3, sizes = "
                               "[[16, 512], [512, 64]]', 16777217),"
                               " (950, NULL, 59, 'open', 16777217), (960, 970, 34, 'mark', 16777217);");
  const Trace t = test::import_file(dir / "t.sqlite");
  ASSERT_EQ(t.shapes.size(), 1U);
  EXPECT_EQ(t.shapes[0].m, 16);
  EXPECT_EQ(t.shapes[0].n, 64);
  EXPECT_EQ(t.names[static_cast<std::size_t>(t.ranges.at(0).name_id)], "aten::mm");
  EXPECT_EQ(test::count_of(t, "range_without_end"), 1);
  EXPECT_EQ(test::count_of(t, "not_imported_nvtx"), 1);
}

TEST(Nsys, Other_and_damaged_databases_are_refused) {
  const TempDir dir;
  const auto message = [](const std::string& path) {
    return input_error([&] { static_cast<void>(test::import_file(path)); });
  };
  create(dir / "foreign.sqlite", "CREATE TABLE a(b INTEGER); INSERT INTO a VALUES (1);");
  EXPECT_NE(message(dir / "foreign.sqlite").find("no Nsight Systems export"), std::string::npos);
  create(dir / "empty.sqlite", kNames);
  EXPECT_NE(message(dir / "empty.sqlite").find("no kernel"), std::string::npos);
  create(dir / "t.sqlite", kTwoProcesses);
  const std::string whole = test::bytes_of(dir / "t.sqlite");
  for (std::size_t part = 1; part < 8; ++part) {
    EXPECT_NE(message(dir.write("cut.sqlite", whole.substr(0, whole.size() * part / 8))), "") << part;
  }
}

}  // namespace
}  // namespace hopsim::trace
