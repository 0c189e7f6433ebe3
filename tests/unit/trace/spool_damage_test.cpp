// SPDX-License-Identifier: Apache-2.0
// Spools that are cut off, harmed or from elsewhere: what can be used is used, the rest is counted or
// refused.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <span>

#include "io/hash.hpp"
#include "sample.hpp"
#include "spool_sample.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"
#include "trace/import/spool/spool_file.hpp"
#include "trace/quality.hpp"

namespace hopsim::trace {
namespace {

using hopsim::test::input_error;
using hopsim::test::TempDir;
using test::count_of;
using test::import_file;
using test::SpoolSample;

// A spool with every kind of chunk, some of them twice.
std::string whole(const TempDir& dir) {
  SpoolSample s(dir / "whole.hopspool");
  s.writer().attribute("driver", "580");
  s.device(0, 1);
  for (const std::uint32_t part : {0U, 1U}) {
    s.range(part + 1, part * 100'000, part * 100'000 + 90'000, "range");
    s.launch(2 * part + 1, part * 100'000 + 1000);
    s.launch(2 * part + 2, part * 100'000 + 40'000, "another");
    s.clock(test::kEpoch + part, part);
    s.count(spool::CountKind::kDropped, 0);
    s.writer().append(spool::ChunkKind::kMemoryOps, spool::MemoryOp{});
    s.writer().append(spool::ChunkKind::kSyncs, spool::Sync{});
    s.writer().append(spool::ChunkKind::kOverheads, spool::Overhead{});
    s.writer().append(spool::ChunkKind::kContexts, spool::Context{1, 0, 7, 0});
    s.writer().append(spool::ChunkKind::kStreams, spool::Stream{7, 1, 0, 0});
    s.writer().append(spool::ChunkKind::kPower, spool::Power{});
    const std::int64_t at = test::kEpoch + part * 100'000 + 80'000;
    s.writer().append(spool::ChunkKind::kGraphTraces, spool::GraphTrace{at, at + 9000, 0, 1, 7, 0, 1, 0});
    s.writer().append(spool::ChunkKind::kGraphNodes, spool::GraphNode{});
    s.writer().flush();
  }
  s.close();
  return test::bytes_of(dir / "whole.hopspool");
}

std::vector<std::size_t> chunk_starts(const std::string& bytes) {
  std::vector<std::size_t> out;
  for (std::size_t at = sizeof(spool::FileHeader); at < bytes.size();) {
    out.push_back(at);
    spool::ChunkHeader header;
    std::memcpy(&header, bytes.data() + at, sizeof(header));
    at += sizeof(header) + header.payload_bytes;
  }
  return out;
}

// The chunk at `at` with other values, and a checksum that fits.
template <class Change>
std::string changed(std::string bytes, std::size_t at, Change change) {
  spool::ChunkHeader header;
  std::memcpy(&header, bytes.data() + at, sizeof(header));
  change(header, bytes.data() + at + sizeof(header));
  std::memcpy(bytes.data() + at, &header, sizeof(header));
  if (header.payload_bytes <= bytes.size() - at - sizeof(header)) {
    const auto chunk = std::as_bytes(std::span(bytes)).subspan(at, sizeof(header) + header.payload_bytes);
    const std::uint32_t crc = io::crc32(chunk.subspan(sizeof(header.crc32)));
    std::memcpy(bytes.data() + at, &crc, sizeof(crc));
  }
  return bytes;
}

std::size_t first_of(const std::string& bytes, spool::ChunkKind kind) {
  for (const std::size_t at : chunk_starts(bytes)) {
    spool::ChunkHeader header;
    std::memcpy(&header, bytes.data() + at, sizeof(header));
    if (header.kind == kind) {
      return at;
    }
  }
  return 0;
}

TEST(SpoolDamage, A_spool_cut_at_any_chunk_boundary_gives_what_came_before) {
  const TempDir dir;
  const std::string bytes = whole(dir);
  const Trace all = import_file(dir / "whole.hopspool");
  EXPECT_EQ(all.kernels.size(), 6U);  // two of them whole graphs
  EXPECT_EQ(count_of(all, "spool_incomplete"), 0);
  std::size_t most = 0;
  for (const std::size_t at : chunk_starts(bytes)) {
    const std::string path = dir.write("cut.hopspool", bytes.substr(0, at));
    const auto file = spool_import::read_spool(path);
    EXPECT_FALSE(file.complete);
    EXPECT_FALSE(file.cut_off);
    EXPECT_GE(file.kernels.size(), most);
    most = file.kernels.size();
    if (!file.has_gpu_work()) {
      EXPECT_NE(input_error([&] { static_cast<void>(import_file(path)); }).find("no kernel"),
                std::string::npos);
    } else {
      EXPECT_EQ(count_of(import_file(path), "spool_incomplete"), 1);
    }
  }
  EXPECT_EQ(most, 4U);
}

TEST(SpoolDamage, A_spool_cut_anywhere_is_read_or_refused) {
  const TempDir dir;
  const std::string bytes = whole(dir);
  const std::vector<std::size_t> starts = chunk_starts(bytes);
  for (std::size_t size = 0; size < bytes.size(); size += 5) {
    const std::string path = dir.write("cut.hopspool", bytes.substr(0, size));
    if (size < sizeof(spool::FileHeader)) {
      EXPECT_NE(input_error([&] { static_cast<void>(spool_import::read_spool(path)); }), "") << size;
      continue;
    }
    const auto file = spool_import::read_spool(path);
    EXPECT_EQ(file.cut_off, size != sizeof(spool::FileHeader) &&
                                std::find(starts.begin(), starts.end(), size) == starts.end())
        << size;
    EXPECT_EQ(file.damage, "") << size;
  }
}

TEST(SpoolDamage, A_flipped_bit_is_found) {
  const TempDir dir;
  const std::string bytes = whole(dir);
  std::mt19937 random(20250101);
  for (int i = 0; i < 500; ++i) {
    std::string harmed = bytes;
    const std::size_t at = sizeof(spool::FileHeader) + random() % (bytes.size() - sizeof(spool::FileHeader));
    harmed[at] = static_cast<char>(harmed[at] ^ (1 << (random() % 8)));
    const std::string path = dir.write("harmed.hopspool", harmed);
    const auto file = spool_import::read_spool(path);
    EXPECT_TRUE(!file.damage.empty() || file.cut_off) << at;
    static_cast<void>(input_error([&] { static_cast<void>(import_file(path)); }));
  }
}

TEST(SpoolDamage, Random_bytes_with_right_checksums_never_crash) {
  const TempDir dir;
  const std::string bytes = whole(dir);
  const std::vector<std::size_t> starts = chunk_starts(bytes);
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    const std::size_t at = starts[random() % starts.size()];
    const std::string path =
        dir.write("harmed.hopspool", changed(bytes, at, [&](const spool::ChunkHeader& header, char* payload) {
                    for (int n = 0; n < 4 && header.payload_bytes > 0; ++n) {
                      payload[random() % header.payload_bytes] = static_cast<char>(random());
                    }
                  }));
    static_cast<void>(input_error([&] { static_cast<void>(import_file(path)); }));
  }
}

TEST(SpoolDamage, Damage_within_a_chunk_is_counted_and_what_came_before_is_used) {
  const TempDir dir;
  const std::string bytes = whole(dir);
  const std::vector<std::size_t> starts = chunk_starts(bytes);
  const auto expect = [&](const std::string& harmed, const std::string& what) {
    const Trace t = import_file(dir.write("harmed.hopspool", harmed));
    ASSERT_EQ(count_of(t, "spool_damaged"), 1) << what;
    ASSERT_EQ(errors(t.quality).size(), 1U);
    EXPECT_NE(errors(t.quality)[0].help.find(what), std::string::npos) << errors(t.quality)[0].help;
    EXPECT_EQ(t.kernels.size(), 6U);
  };
  const std::size_t end = starts.back();
  std::string checksum = bytes;
  checksum.back() = static_cast<char>(checksum.back() ^ 1);
  expect(checksum, "wrong checksum");
  expect(changed(bytes, end, [](spool::ChunkHeader& h, char*) { h.sequence += 2; }), "is numbered");
  expect(changed(bytes, end, [](spool::ChunkHeader& h, char*) { h.payload_bytes = std::uint64_t{1} << 60U; }),
         "claims 1152921504606846976 bytes");
  expect(changed(bytes, end, [](spool::ChunkHeader& h, char*) { h.records = 2; }), "other than 2 records");
  expect(bytes + "x", "follows the trailer");
  const std::size_t kernels = first_of(bytes, spool::ChunkKind::kKernels);
  const std::string path = dir.write(
      "harmed.hopspool", changed(bytes, kernels, [](spool::ChunkHeader& h, char*) { h.records = 7; }));
  EXPECT_NE(input_error([&] { static_cast<void>(import_file(path)); }), "");  // nothing came before
}

TEST(SpoolDamage, Unknown_kinds_of_chunks_are_skipped) {
  const TempDir dir;
  const std::string bytes = whole(dir);
  const std::string path =
      dir.write("new.hopspool",
                changed(bytes, first_of(bytes, spool::ChunkKind::kStreams),
                        [](spool::ChunkHeader& h, char*) { h.kind = static_cast<spool::ChunkKind>(99); }));
  const Trace t = import_file(path);
  EXPECT_EQ(count_of(t, "spool_unknown_chunks"), 1);
  EXPECT_EQ(t.kernels.size(), 6U);
  EXPECT_TRUE(errors(t.quality).empty());
}

TEST(SpoolDamage, Other_files_and_other_versions_are_refused) {
  const TempDir dir;
  const std::string bytes = whole(dir);
  const auto message = [&](const std::vector<std::string>& paths) {
    return input_error([&] { static_cast<void>(import_capture(paths, test::shipped_classes())); });
  };
  std::string newer = bytes;
  newer[8] = 2;
  EXPECT_NE(message({dir.write("newer.hopspool", newer)}).find("a spool of version 2"), std::string::npos);
  EXPECT_NE(message({dir / "whole.hopspool", dir.write("x.json", "{}")}).find("is no spool"),
            std::string::npos);
  EXPECT_NE(message({dir.write("sub/readme", "x").substr(0, (dir / "sub").size())}).find("without spools"),
            std::string::npos);
  EXPECT_NE(message({dir / "missing.hopspool"}).find("no such file"), std::string::npos);
}

TEST(SpoolDamage, A_library_that_could_not_start_says_why) {
  const TempDir dir;
  SpoolSample s(dir / "1.hopspool");
  s.writer().attribute("error", "another profiler is attached: nsys");
  s.close();
  EXPECT_NE(input_error([&] {
              static_cast<void>(import_file(dir / "1.hopspool"));
            }).find("nothing was captured: another profiler is attached: nsys"),
            std::string::npos);
  SpoolSample works(dir / "2.hopspool");  // another process of the run did capture
  works.launch(1, 1000);
  works.close();
  dir.write("3.hopspool", "");
  const Trace t = import_file(dir.path());
  EXPECT_EQ(count_of(t, "process_not_captured"), 1);
  EXPECT_EQ(count_of(t, "spool_empty"), 1);
}

}  // namespace
}  // namespace hopsim::trace
