// SPDX-License-Identifier: Apache-2.0
// One importer on arbitrary bytes: HOPSIM_FUZZ_READER names it. Whatever the bytes are, the importer returns
// a trace that can be summarised, or throws InputError; anything else is a finding. Importers read files, so
// each input becomes one.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "io/hash.hpp"
#include "trace/critical_path.hpp"
#include "trace/draft.hpp"
#include "trace/import/kineto/kineto_import.hpp"
#include "trace/import/nsys/nsys_import.hpp"
#include "trace/import/spool/spool_format.hpp"
#include "trace/import/spool/spool_import.hpp"
#include "trace/kernel_table.hpp"
#include "trace/statistics.hpp"

namespace {

// The reader stops at the first wrong checksum, so chunks get the right one: what is behind it is the target.
void mend_chunks(std::vector<char>& bytes) {
  using namespace hopsim;  // NOLINT: as below
  std::uint32_t sequence = 0;
  for (std::size_t at = sizeof(spool::FileHeader); bytes.size() - at >= sizeof(spool::ChunkHeader);) {
    spool::ChunkHeader header;
    std::memcpy(&header, bytes.data() + at, sizeof(header));
    const std::size_t room = bytes.size() - at - sizeof(header);
    if (header.payload_bytes > room) {
      return;
    }
    const auto payload = static_cast<std::size_t>(header.payload_bytes);
    header.sequence = sequence++;
    std::memcpy(bytes.data() + at, &header, sizeof(header));
    const auto chunk = std::as_bytes(std::span(bytes)).subspan(at, sizeof(header) + payload);
    const std::uint32_t crc = io::crc32(chunk.subspan(sizeof(header.crc32)));
    std::memcpy(bytes.data() + at, &crc, sizeof(crc));
    at += sizeof(header) + payload;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hopsim;  // NOLINT: a fuzz target is one function
  static const std::string path = "/tmp/hopsim-fuzz-" + std::to_string(getpid());
  static const trace::KernelClasses classes({});
  std::vector<char> bytes(data, data + size);
  if (size > sizeof(spool::FileHeader) &&
      std::memcmp(data, spool::kMagic.data(), spool::kMagic.size()) == 0) {
    mend_chunks(bytes);
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(size));
  try {
    const trace::Trace trace = trace::finish(trace::HOPSIM_FUZZ_READER(path), classes);
    if (trace::summarise(trace).span_s < 0 || trace::critical_path(trace).host_s < 0 ||
        trace::kernel_table_csv(trace).empty()) {
      std::abort();
    }
  } catch (const InputError&) {
    return 0;
  }
  return 0;
}
