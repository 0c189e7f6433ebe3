// SPDX-License-Identifier: Apache-2.0
#include "core/spool_writer.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <csignal>
#include <set>
#include <thread>

#include "support/spool_reader.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::collect {
namespace {

using spool::ChunkKind;
using test::read_spool;
using test::SpoolFile;

spool::Kernel kernel(std::uint32_t correlation, std::uint32_t name = spool::kNoName) {
  spool::Kernel record;
  record.start_ns = 10 * correlation;
  record.end_ns = 10 * correlation + 5;
  record.correlation = correlation;
  record.name = name;
  return record;
}

class SpoolWriting : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(writer_.open(path_)); }

  test::TempDir dir_;
  const std::string path_ = dir_ / "1.hopspool";
  SpoolWriter writer_;
};

TEST(SpoolCrc, Is_that_of_zlib) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    const auto ours = crc32(reinterpret_cast<const std::byte*>(text.data()), text.size());
    ASSERT_EQ(ours, ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
    text.push_back(static_cast<char>(i * 37));
  }
}

TEST_F(SpoolWriting, What_is_appended_comes_back) {
  writer_.attribute("command", "python3 app.py");
  writer_.append(ChunkKind::kKernels, kernel(1, writer_.name("gemm")));
  writer_.append(ChunkKind::kSyncs, spool::Sync{1, 2, 3, 4, 5, 6, 7, 0});
  writer_.close({0, 1, 0});
  const SpoolFile file = read_spool(path_);
  EXPECT_TRUE(file.complete);
  EXPECT_EQ(file.header.pid, static_cast<std::uint32_t>(getpid()));
  EXPECT_EQ(file.header.parent_pid, static_cast<std::uint32_t>(getppid()));
  EXPECT_EQ(file.attributes.at("command"), "python3 app.py");
  ASSERT_EQ(file.kernels().size(), 1U);
  EXPECT_EQ(file.names.at(file.kernels()[0].name), "gemm");
  EXPECT_EQ(file.records<spool::Sync>(ChunkKind::kSyncs).at(0).event, 7U);
  EXPECT_EQ(file.end.kernels, 1U);
  EXPECT_GE(file.end.closed_ns, file.header.opened_ns);
}

TEST_F(SpoolWriting, A_name_is_written_once) {
  const std::uint32_t gemm = writer_.name("gemm");
  writer_.flush();
  EXPECT_EQ(writer_.name("gemm"), gemm);
  EXPECT_NE(writer_.name("softmax"), gemm);
  EXPECT_EQ(writer_.name(""), spool::kNoName);
  writer_.close({});
  EXPECT_EQ(read_spool(path_).names.size(), 2U);  // the reader throws at a second definition
}

TEST_F(SpoolWriting, Records_go_out_in_chunks_as_they_come) {
  constexpr std::uint32_t kRecords = 10000;  // 960 kB
  for (std::uint32_t i = 0; i < kRecords; ++i) {
    writer_.append(ChunkKind::kKernels, kernel(i));
  }
  const SpoolFile before = read_spool(path_);
  EXPECT_GE(before.chunks, 3U);
  EXPECT_FALSE(before.complete);
  writer_.close({});
  const SpoolFile file = read_spool(path_);
  const std::vector<spool::Kernel> read = file.kernels();
  ASSERT_EQ(read.size(), kRecords);
  for (std::uint32_t i = 0; i < kRecords; ++i) {
    ASSERT_EQ(read[i].correlation, i);
  }
}

TEST_F(SpoolWriting, Many_records_at_once_keep_their_order) {
  std::vector<spool::Kernel> records;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    records.push_back(kernel(i));
  }
  writer_.append_all(ChunkKind::kKernels, std::span<const spool::Kernel>(records));
  writer_.close({});
  const std::vector<spool::Kernel> read = read_spool(path_).kernels();
  ASSERT_EQ(read.size(), records.size());
  for (std::uint32_t i = 0; i < read.size(); ++i) {
    ASSERT_EQ(read[i].correlation, i);
  }
}

TEST_F(SpoolWriting, Names_are_in_the_file_before_the_records_that_use_them) {
  for (std::uint32_t i = 0; i < 5000; ++i) {
    writer_.append(ChunkKind::kKernels, kernel(i, writer_.name("kernel_" + std::to_string(i))));
  }
  const SpoolFile file = read_spool(path_);  // not closed: as a kill would leave it
  EXPECT_GT(file.kernels().size(), 0U);
  for (const spool::Kernel& record : file.kernels()) {
    ASSERT_EQ(file.names.at(record.name), "kernel_" + std::to_string(record.correlation));
  }
}

TEST_F(SpoolWriting, An_abandoned_file_has_no_trailer_and_nothing_unflushed) {
  writer_.append(ChunkKind::kKernels, kernel(1));
  writer_.flush();
  writer_.append(ChunkKind::kKernels, kernel(2));
  writer_.abandon();
  writer_.append(ChunkKind::kKernels, kernel(3));
  writer_.close({});
  const SpoolFile file = read_spool(path_);
  EXPECT_FALSE(file.complete);
  EXPECT_EQ(file.kernels().size(), 1U);
}

TEST_F(SpoolWriting, An_existing_file_is_not_overwritten) {
  SpoolWriter second;
  EXPECT_FALSE(second.open(path_));
  EXPECT_EQ(errno, EEXIST);
  EXPECT_FALSE(second.is_open());
}

TEST_F(SpoolWriting, Threads_append_side_by_side) {
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (std::uint32_t i = 0; i < 5000; ++i) {
        writer_.append(ChunkKind::kKernels,
                       kernel(thread * 5000 + i, writer_.name("k" + std::to_string(i % 50))));
        if (i % 1000 == 0) {
          writer_.flush();
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  writer_.close({});
  const SpoolFile file = read_spool(path_);
  std::set<std::uint32_t> seen;
  for (const spool::Kernel& record : file.kernels()) {
    seen.insert(record.correlation);
    ASSERT_EQ(file.names.at(record.name), "k" + std::to_string(record.correlation % 5000 % 50));
  }
  EXPECT_EQ(seen.size(), 20000U);
  EXPECT_EQ(file.names.size(), 50U);
}

// In a child, because the limit on the size of files is the process's.
TEST(SpoolOnAFullDisk, Ends_at_its_last_whole_chunk_without_a_trailer) {
  const test::TempDir dir;
  const std::string path = dir / "1.hopspool";
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    SpoolWriter writer;
    bool good = writer.open(path);
    for (std::uint32_t i = 0; i < 2000; ++i) {
      writer.append(ChunkKind::kKernels, kernel(i));
      if (i % 500 == 499) {
        writer.flush();  // 48 kB a time
      }
    }
    writer.close({});
    good = good && writer.write_error() == EFBIG && !writer.is_open();
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  const SpoolFile file = read_spool(path);
  EXPECT_FALSE(file.complete);
  EXPECT_EQ(file.cut_off_bytes, 0U);
  EXPECT_EQ(file.kernels().size(), 1000U);
}

}  // namespace
}  // namespace hopsim::collect
