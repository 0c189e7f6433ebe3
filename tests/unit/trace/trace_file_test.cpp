// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_file.hpp"

#include <gtest/gtest.h>

#include "io/hdf5.hpp"
#include "sample.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "trace/schema.hpp"

namespace hopsim::trace {
namespace {

using hopsim::test::input_error;
using hopsim::test::TempDir;

// One record of every kind.
Trace sample() {
  Trace t;
  t.names = {"gemm_kernel", "cudaLaunchKernel", "aten::mm", "bfloat16", std::string(3000, 'x')};
  t.kernels.push_back(
      {10, 5, 0, 1, 7, 42, 3, 4, 0, {1, 2, 3}, {128, 1, 1}, 32, 16, 2048, KernelClass::kGemm, 0});
  t.calls.push_back({1, 4, -5, 42, 1});
  t.memory_ops.push_back({20, 1, 0, 1, 7, 43, kNone, kNone, MemoryKind::kCopyDtoH, 4096, true});
  t.syncs.push_back({21, 2, SyncKind::kStreamWaitEvent, 0, 1, 8, 9, 44, 7, 42});
  t.ranges.push_back({0, 9, 2, -5, kNone, RangeKind::kAnnotation});
  t.power.push_back({5, 300000, 1980, 2619, 45, 12});
  t.overhead.push_back({2, 1, 1});
  t.devices.push_back({0, "NVIDIA H100", "GPU-1", 132, 80});
  t.quality.push_back({"kernel_without_launch", "info", 3, "help"});
  t.attributes = {{"gpu", "NVIDIA H100"}, {"provenance", "synthetic"}};
  t.shapes.push_back({0, 0, 1, 16, 4096, 1024, 3});
  return t;
}

template <class R>
void expect_same(const std::vector<R>& a, const std::vector<R>& b, const std::vector<Column<R>>& columns) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (const Column<R>& column : columns) {
      EXPECT_EQ(column.get(a[i]), column.get(b[i])) << column.name << " of row " << i;
    }
  }
}

void expect_same(const Trace& a, const Trace& b) {
  expect_same(a.kernels, b.kernels, kernel_columns());
  expect_same(a.calls, b.calls, launch_columns());
  expect_same(a.memory_ops, b.memory_ops, memory_columns());
  expect_same(a.syncs, b.syncs, sync_columns());
  expect_same(a.ranges, b.ranges, range_columns());
  expect_same(a.power, b.power, power_columns());
  expect_same(a.overhead, b.overhead, overhead_columns());
  expect_same(a.shapes, b.shapes, shape_columns());
  EXPECT_EQ(a.names, b.names);
  EXPECT_EQ(a.attributes, b.attributes);
}

TEST(TraceFile, Reads_back_every_field_of_every_record) {
  const TempDir dir;
  const Trace t = sample();
  write_trace(t, dir / "t.h5");
  const Trace back = read_trace(dir / "t.h5");
  expect_same(t, back);
  ASSERT_EQ(back.devices.size(), 1U);
  EXPECT_EQ(back.devices[0].name, "NVIDIA H100");
  EXPECT_EQ(back.devices[0].memory_bytes, 80);
  ASSERT_EQ(back.quality.size(), 1U);
  EXPECT_EQ(back.quality[0].severity, "info");
}

TEST(TraceFile, The_same_trace_gives_the_same_bytes) {
  const TempDir dir;
  write_trace(sample(), dir / "a.h5");
  write_trace(read_trace(dir / "a.h5"), dir / "b.h5");
  EXPECT_EQ(test::bytes_of(dir / "a.h5"), test::bytes_of(dir / "b.h5"));
}

TEST(TraceFile, Many_short_names_beside_a_long_one_stay_small) {
  const TempDir dir;
  Trace t = sample();
  for (int i = 0; i < 20000; ++i) {
    t.names.push_back("op " + std::to_string(i));
  }
  write_trace(t, dir / "t.h5");
  EXPECT_EQ(read_trace(dir / "t.h5").names, t.names);
  EXPECT_LT(std::filesystem::file_size(dir / "t.h5"), 2'000'000U);
}

TEST(TraceFile, An_empty_trace_is_one) {
  const TempDir dir;
  write_trace(Trace{}, dir / "t.h5");
  EXPECT_TRUE(read_trace(dir / "t.h5").kernels.empty());
}

TEST(TraceFile, Refuses_what_is_out_of_range_and_names_the_dataset) {
  const TempDir dir;
  const auto message = [&](auto spoil) {
    Trace t = sample();
    spoil(t);
    write_trace(t, dir / "t.h5");
    return input_error([&] { static_cast<void>(read_trace(dir / "t.h5")); });
  };
  EXPECT_NE(message([](Trace& t) { t.kernels[0].duration_ns = -1; }).find("/kernels/duration_ns"),
            std::string::npos);
  EXPECT_NE(message([](Trace& t) { t.kernels[0].name_id = 5; }).find("/kernels/name_id"), std::string::npos);
  EXPECT_NE(message([](Trace& t) { t.kernels[0].range_id = 1; }).find("/kernels/range_id"),
            std::string::npos);
  EXPECT_NE(message([](Trace& t) { t.ranges[0].parent = -2; }).find("/ranges/parent"), std::string::npos);
  EXPECT_NE(message([](Trace& t) { t.calls[0].api_id = -1; }).find("/launches/api_id"), std::string::npos);
  EXPECT_NE(message([](Trace& t) { t.shapes[0].kernel = 1; }).find("/shapes/kernel"), std::string::npos);
  EXPECT_NE(message([](Trace& t) { t.quality[0].count = -1; }).find("/quality/count"), std::string::npos);
  EXPECT_EQ(message([](Trace&) {}), "");
}

TEST(TraceFile, Refuses_other_files) {
  const TempDir dir;
  const auto message = [](const std::string& path) {
    return input_error([&] { static_cast<void>(read_trace(path)); });
  };
  EXPECT_NE(message(dir / "none.h5").find("no such file"), std::string::npos);
  EXPECT_NE(message(dir.write("a.txt", "hello")).find("is no HDF5 file"), std::string::npos);
  {
    io::Hdf5Writer foreign(dir / "foreign.h5");
    foreign.column("/x", "y", std::vector<double>{1}, {"1", "y"});
    foreign.commit();
  }
  EXPECT_NE(message(dir / "foreign.h5").find("no trace"), std::string::npos);
  const auto versioned = [&](const char* format, const char* version) {
    io::Hdf5Writer file(dir / "v.h5");
    file.attribute("format", std::string(format));
    file.attribute("version", std::string(version));
    file.commit();
    return message(dir / "v.h5");
  };
  EXPECT_NE(versioned("hopsim-results", "1.0").find("is a file of format 'hopsim-results'"),
            std::string::npos);
  EXPECT_NE(versioned("hopsim-trace", "2.0").find("version 2.0"), std::string::npos);
  EXPECT_NE(versioned("hopsim-trace", "1.7").find("no group"), std::string::npos);
}

TEST(TraceFile, A_cut_or_damaged_file_is_an_error_not_a_crash) {
  const TempDir dir;
  write_trace(sample(), dir / "t.h5");
  const std::string whole = test::bytes_of(dir / "t.h5");
  for (std::size_t part = 1; part < 8; ++part) {
    const std::string path = dir.write("cut.h5", whole.substr(0, whole.size() * part / 8));
    EXPECT_NE(input_error([&] { static_cast<void>(read_trace(path)); }), "");
  }
}

}  // namespace
}  // namespace hopsim::trace
